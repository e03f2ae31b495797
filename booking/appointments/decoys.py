"""A time refused to somebody for what nobody may learn looks taken, as one that another holds."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import select

from booking.appointments import hold_cleanup, hold_limits, holds
from booking.appointments.models import Appointment
from booking.appointments.rules import MAX_HOLDS
from booking.calendars import availability
from booking.calendars.operations import SlotTaken
from booking.db.statements import lock_name
from booking.db.transactions import OverlapError, transaction
from booking.extensions import db


def create_decoy_hold(
    service: str,
    location: str,
    starts_at: datetime,
    now: datetime,
    asked_from: str,
    practitioner_id: int | None = None,
) -> None:
    """Hold a time that was refused to somebody, as if another had taken it (invariant 14).

    Whether they are known here would show if the time stayed free. `asked_from` stands for the address
    in this alone: counted with its own holds, a decoy would show by the hold it leaves no room for.
    """
    with suppress(SlotTaken, OverlapError):
        _hold_newest(service, location, starts_at, now, asked_from, practitioner_id)


@transaction()
def _hold_newest(
    service: str,
    location: str,
    starts_at: datetime,
    now: datetime,
    asked_from: str,
    practitioner_id: int | None,
) -> None:
    """Hold a time, and let go of the oldest beyond what one address may keep from others."""
    lock_name(f"holds {asked_from}")
    open_decoys = select(Appointment.token).where(
        *hold_limits.open_hold_conditions(asked_from, now)
    )
    tokens = db.session.scalars(open_decoys.order_by(Appointment.id)).all()
    for token in tokens[: max(0, len(tokens) + 1 - MAX_HOLDS)]:
        hold_cleanup.delete_hold(token, now)
    holds.create_hold(
        service, location, starts_at, now, held_from=asked_from, practitioner_id=practitioner_id
    )


def convert_to_decoy(token: str, now: datetime, asked_from: str) -> None:
    """Let go of a time that is refused to its holder, and let it look taken; what was typed stays."""
    appointment = holds.release_hold(token, now)
    catalogue = availability.current_catalogue()
    service, location = (
        catalogue.services_by_id[appointment.service_id],
        catalogue.locations_by_id[appointment.location_id],
    )
    create_decoy_hold(
        service.slug,
        location.slug,
        appointment.starts_at,
        now,
        asked_from,
        appointment.practitioner_id,
    )
