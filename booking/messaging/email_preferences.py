"""Who wants no more reminders by e-mail: said by the link in each, lifted the same way."""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select

from booking.audit import operations as audit
from booking.db.statements import insert_unless_there
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import EmailPreference

ACTOR = "online"
TOKEN_BYTES = 16  # 128 random bits


class UnknownEmailToken(LookupError):
    """No address has this token."""


def list_unsubscribed(addresses: Collection[str]) -> set[str]:
    """Return those of `addresses` that no reminders may be sent to."""
    if not addresses:
        return set()
    stopped = select(EmailPreference.address).where(
        EmailPreference.address.in_(addresses), EmailPreference.stopped_at.is_not(None)
    )
    return set(db.session.scalars(stopped))


def is_unsubscribed(address: str) -> bool:
    """Tell whether no reminders may be sent to `address`."""
    return bool(list_unsubscribed([address]))


@transaction()
def assign_tokens(addresses: Collection[str], now: datetime) -> Mapping[str, str]:
    """Return by address the token that stops reminders to it; the same for life."""
    tokens = _tokens(addresses)
    for address in sorted(set(addresses) - tokens.keys()):
        token = secrets.token_urlsafe(TOKEN_BYTES)
        row = {"address": address, "token": token, "created_at": now}
        insert_unless_there(EmailPreference, row, returning="id")
    return tokens if len(tokens) == len(set(addresses)) else _tokens(addresses)


def _tokens(addresses: Collection[str]) -> dict[str, str]:
    if not addresses:
        return {}
    columns = select(EmailPreference.address, EmailPreference.token)
    rows = db.session.execute(columns.where(EmailPreference.address.in_(addresses)))
    return {row.address: row.token for row in rows}


def find_preference(token: str) -> EmailPreference | None:
    """Return the address that a link is about."""
    return db.session.scalar(select(EmailPreference).filter_by(token=token))


@transaction()
def stop_reminders(token: str, now: datetime) -> None:
    """Send no more reminders to an address; once said, saying it again changes nothing.

    Raises `UnknownEmailToken`.
    """
    preference = _locked(token)
    if preference.stopped_at is None:
        preference.stopped_at = now
        audit.record(ACTOR, "stop_email", "email_preference", preference.id, now)


@transaction()
def resume_reminders(token: str, now: datetime) -> None:
    """Send reminders to an address again. Raises `UnknownEmailToken`."""
    preference = _locked(token)
    if preference.stopped_at is not None:
        preference.stopped_at = None
        audit.record(ACTOR, "resume_email", "email_preference", preference.id, now)


def _locked(token: str) -> EmailPreference:
    row = select(EmailPreference).filter_by(token=token).with_for_update()
    preference = db.session.scalar(row)
    if preference is None:
        raise UnknownEmailToken
    return preference
