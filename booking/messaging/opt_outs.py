"""Which numbers said STOP. It covers the number, whoever else is reached by it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from booking.audit import operations as audit
from booking.db.statements import insert_unless_there
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import InboundMessage, OptOut
from booking.messaging.provider_rules import is_stop_keyword

INBOUND = "inbound"  # the number texted STOP to us
PROVIDER = "provider 21610"  # Twilio refused: the number had told it so


def filter_opted_out(phones: Collection[str]) -> set[str]:
    """Return those of `phones` (E.164) that nothing may be sent to."""
    phones_out = select(OptOut.phone).where(OptOut.phone.in_(phones), OptOut.lifted_at.is_(None))
    return set(db.session.scalars(phones_out))


def is_opted_out(phone: str) -> bool:
    """Tell whether nothing may be sent to `phone` (E.164)."""
    return bool(filter_opted_out([phone]))


def is_stopped_at_provider(phone: str) -> bool:
    """Tell whether the provider refuses texts to `phone`, too: its keyword ended them, or it said so."""
    number = db.session.scalar(select(OptOut).filter_by(phone=phone, lifted_at=None))
    if number is None:
        return False
    texts = select(InboundMessage.body).where(
        InboundMessage.sender == phone, InboundMessage.received_at >= number.since
    )
    return number.source == PROVIDER or any(map(is_stop_keyword, db.session.scalars(texts)))


@transaction()
def record_opt_out(phone: str, source: str, at: datetime) -> None:
    """Record that `phone` wants no texts; once said, saying it again changes nothing."""
    row = {"phone": phone, "since": at, "source": source, "lifted_at": at}
    insert_unless_there(OptOut, row, returning="id")
    number = _locked(phone)
    if number is None or number.lifted_at is None:
        return
    number.since, number.source, number.lifted_at = at, source, None
    audit.record("messaging", "opt_out", "opt_out", number.id, at, source=source)


@transaction()
def lift_opt_out(phone: str, at: datetime) -> None:
    """Lift the opt-out of `phone`, if there is one: it texted START, and the provider lets texts go again."""
    number = _locked(phone)
    if number is not None and number.lifted_at is None:
        number.lifted_at = at
        audit.record("messaging", "opt_in", "opt_out", number.id, at)


def _locked(phone: str) -> OptOut | None:
    return db.session.scalar(select(OptOut).filter_by(phone=phone).with_for_update())
