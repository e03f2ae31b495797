"""A calendar program that has a link sees when, and by initials who; nothing else, and not for longer."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar, Component

from booking.appointments import operations as appointments
from booking.audit.models import AuditEntry
from booking.calendars.models import Claim
from booking.extensions import db
from booking.feeds import operations, queries
from booking.feeds.models import CalendarFeed
from booking.feeds.operations import UnknownSubject
from booking.feeds.queries import FeedSubject, list_feed_subjects
from booking.feeds.rules import AHEAD, PAST
from booking.locations.models import Resource
from booking.locations.rules import ResourceKind
from tests.builders import NOW, Clinic, a_booking, a_clinic, a_contact, local
from tests.feeds.asking import ask
from tests.statements import statements

TELLING = ("ketamin", "infusion", "consultation", "depress", "series", "Quill", "+1602")


def subject_of(kind: ResourceKind | None) -> FeedSubject:
    """Return the first location, or the first practitioner, room or chair."""
    return next(
        each
        for each in list_feed_subjects()
        if (each.resource.kind if each.resource else None) is kind
    )


def a_feed(clinic: Clinic, kind: ResourceKind | None = None) -> CalendarFeed:
    return operations.create_feed(subject_of(kind).key, clinic.practitioner.id, NOW)


def events_of(client: FlaskClient, feed: CalendarFeed) -> list[Component]:
    return list(Calendar.from_ical(ask(client, feed.token).data).walk("VEVENT"))


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


def test_a_location_s_appointments_are_listed_by_initials(
    client: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(contact=a_contact(given_name="Zora", family_name="Quill"))
    response = ask(client, a_feed(clinic).token)
    assert response.content_type == "text/calendar; charset=utf-8"
    (event,) = Calendar.from_ical(response.data).walk("VEVENT")
    assert event["SUMMARY"] == "Z. Q."
    assert event["UID"] == appointment.uid
    assert event.decoded("DTSTART") == appointment.starts_at
    assert event.decoded("DTEND") == appointment.ends_at
    assert event["CLASS"] == "PRIVATE"
    for word in TELLING:
        assert word.lower() not in response.text.lower()


def test_who_takes_part_has_it_in_their_calendar_for_as_long_as_they_do(
    client: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking()
    claims = {
        claim.resource_id: claim
        for claim in db.session.query(Claim).filter_by(appointment_id=appointment.id)
    }
    for kind in (ResourceKind.PRACTITIONER, ResourceKind.ROOM):
        for subject in (each for each in list_feed_subjects() if each.resource is not None):
            if subject.resource.kind is not kind:
                continue
            feed = operations.create_feed(subject.key, clinic.practitioner.id, NOW)
            claim = claims.get(subject.resource.id)
            times = [
                (event.decoded("DTSTART"), event.decoded("DTEND"))
                for event in events_of(client, feed)
            ]
            assert times == ([(claim.starts_at, claim.ends_at)] if claim else [])


def test_holds_and_cancelled_appointments_are_in_no_feed(
    client: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking()
    appointments.cancel(appointment.id, NOW, "staff:1", by_patient=True)
    assert events_of(client, a_feed(clinic)) == []


def test_a_feed_lists_the_days_around_now(client: FlaskClient, clinic: Clinic) -> None:
    feed, appointment = a_feed(clinic), a_booking()
    starts_at = appointment.starts_at
    for now, count in (
        (starts_at + PAST, 1),
        (starts_at + PAST + timedelta(seconds=1), 0),
        (starts_at - AHEAD + timedelta(seconds=1), 1),
        (starts_at - AHEAD, 0),
    ):
        assert len(queries.list_feed_events(feed, now)) == count


def test_a_feed_is_the_same_until_something_changes(client: FlaskClient, clinic: Clinic) -> None:
    feed = a_feed(clinic)
    a_booking()
    first = ask(client, feed.token)
    again = ask(client, feed.token, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    a_booking(local(14))
    changed = ask(client, feed.token, **{"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_revoked_link_and_an_unknown_one_are_not_there(
    client: FlaskClient, clinic: Clinic
) -> None:
    feed = a_feed(clinic)
    assert ask(client, feed.token).status_code == 200
    operations.revoke_feed(feed.id, clinic.practitioner.id, NOW)
    operations.revoke_feed(feed.id, clinic.practitioner.id, NOW)
    assert ask(client, feed.token).status_code == 404
    assert ask(client, "x" * 22).status_code == 404
    actions = [
        entry.action
        for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)
        if entry.subject_kind == "calendar_feed"
    ]
    assert actions == ["create", "revoke"]


def test_no_link_is_made_to_what_cannot_be_subscribed_to(
    client: FlaskClient, clinic: Clinic
) -> None:
    seat = db.session.query(Resource).filter_by(kind=ResourceKind.SEAT).first()
    for key in ("", "location:0", f"resource:{seat.id}", "staff:1", "١"):
        with pytest.raises(UnknownSubject):
            operations.create_feed(key, clinic.practitioner.id, NOW)
    assert queries.list_feeds() == []


def test_a_feed_s_questions_do_not_grow_with_its_appointments(
    client: FlaskClient, clinic: Clinic
) -> None:
    feed = a_feed(clinic)
    counts = []
    for hour in (9, 11):
        a_booking(local(hour))
        db.session.expire_all()
        with statements() as seen:
            ask(client, feed.token)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 5


@pytest.mark.parametrize(
    "kind", [None, ResourceKind.PRACTITIONER, ResourceKind.ROOM, ResourceKind.CHAIR]
)
def test_a_calendar_s_own_name_tells_nothing(
    client: FlaskClient, clinic: Clinic, kind: ResourceKind | None
) -> None:
    text = ask(client, a_feed(clinic, kind).token).text
    name = next(line for line in text.splitlines() if line.startswith("NAME:"))
    assert name.removeprefix("NAME:")
    for word in TELLING:
        assert word.lower() not in text.lower()
