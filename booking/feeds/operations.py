"""Making and revoking calendar feeds."""

from datetime import datetime

from booking.appointments.rules import new_token
from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.db.versions import lock_row
from booking.extensions import db
from booking.feeds.models import CalendarFeed
from booking.feeds.queries import find_subject


class UnknownSubject(LookupError):
    """There is no such calendar."""


@transaction()
def create_feed(key: str, staff_id: int, now: datetime) -> CalendarFeed:
    """Make a link to the calendar of `key`, beside those that there are. Raises `UnknownSubject`."""
    subject = find_subject(key)
    if subject is None:
        raise UnknownSubject(key)
    feed = CalendarFeed(
        token=new_token(),
        location_id=subject.location.id if subject.location and not subject.resource else None,
        resource_id=subject.resource.id if subject.resource else None,
        created_at=now,
        created_by_id=staff_id,
    )
    db.session.add(feed)
    db.session.flush()
    audit.record(staff_actor(staff_id), "create", "calendar_feed", feed.id, now, calendar=key)
    return feed


@transaction()
def revoke_feed(feed_id: int, staff_id: int, now: datetime) -> None:
    """Let a link answer no longer; a second time changes nothing. Raises `NoResultFound`."""
    feed = lock_row(CalendarFeed, feed_id)
    if feed.revoked_at is None:
        feed.revoked_at = now
        audit.record(staff_actor(staff_id), "revoke", "calendar_feed", feed.id, now)
