"""Changes made at the desk, kept with what they wrote over: the latest can be undone (`undoing`)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from booking.appointments.guards import lock_guarded_rows, read_change_basis
from booking.appointments.limits import notice_delay
from booking.appointments.models import Appointment, AppointmentChange, ChangeDetails, ClaimImage
from booking.appointments.notices import is_notice_waiting
from booking.appointments.operations import lock_for_change
from booking.appointments.rules import TOLD_ACTIONS, Action, compute_notice_time
from booking.appointments.treatment_models import TreatmentTimes
from booking.calendars.reclaiming import FormerClaim, read_claims
from booking.db.row_images import Image, Images, compute_differences, read_images, row_key
from booking.db.transactions import transaction
from booking.extensions import Model, db
from booking.tasks.reverting import list_open_task_images

KEPT = timedelta(days=2)  # changes are undone on their own day


@dataclass(frozen=True, slots=True)
class AppointmentState:
    """All that a change may write to: rows, claims, what is to do, and which changes stand."""

    images: Images
    claims: list[FormerClaim]
    open_tasks: dict[int, Image]
    change_ids: set[int]


def keep_change(
    appointment: Appointment,
    action: Action,
    now: datetime,
    actor: str,
    change: Callable[[], object],
    *,
    wait: timedelta = timedelta(0),
) -> None:
    """Make a change of a locked appointment, and keep what it wrote over, in the caller's transaction.

    The patient is told of it after `wait`, unless it is undone, or changes nothing for them: another chair at
    the same time. Raises what `change` raises.
    """
    before, starts = _read_state(appointment), [appointment.starts_at]
    sequence, was_waiting = appointment.sequence, is_notice_waiting(appointment, now)
    change()
    db.session.flush()
    after = _read_state(appointment)
    starts.append(appointment.starts_at)
    is_told = action in TOLD_ACTIONS and (was_waiting or appointment.sequence != sequence)
    kept_change = AppointmentChange(
        appointment_id=appointment.id,
        action=action,
        actor=actor,
        made_at=now,
        version=appointment.version,
        notice_at=compute_notice_time(now, wait, starts) if is_told else None,
        details=_compare(row_key(appointment), before, after, read_change_basis(appointment)),
    )
    db.session.add(kept_change)


@transaction()
def keep_told_change(
    appointment_id: int, action: Action, now: datetime, actor: str, change: Callable[[], object]
) -> None:
    """Move or cancel an appointment at the desk: the patient is told a while later, unless it is undone.

    Raises what `change` raises.
    """
    appointment = lock_for_change(appointment_id, None)
    keep_change(appointment, action, now, actor, change, wait=notice_delay())


def lock_change_rows(appointment: Appointment) -> list[Model]:
    """Return, locked, the rows that a change of an appointment may write to; it is the first."""
    treatment = db.session.get(TreatmentTimes, appointment.id)
    own = [appointment] if treatment is None else [appointment, treatment]
    return [*own, *lock_guarded_rows(appointment)]


def _read_state(appointment: Appointment) -> AppointmentState:
    rows = lock_change_rows(appointment)
    subjects = [_parse_key(row_key(row)) for row in rows]
    return AppointmentState(
        read_images(rows),
        read_claims(appointment.id),
        list_open_task_images(subjects),
        {change.id for change in list_standing_changes(appointment.id)},
    )


def _parse_key(key: str) -> tuple[str, int]:
    table, _, number = key.partition(":")
    return table, int(number)


def _compare(
    key: str, before: AppointmentState, after: AppointmentState, basis: dict[str, str]
) -> ChangeDetails:
    return ChangeDetails(
        appointment=after.images[key],
        before=compute_differences(before.images, after.images),
        after=compute_differences(after.images, before.images),
        claims=[_claim_image(claim) for claim in before.claims],
        opened_tasks=sorted(after.open_tasks.keys() - before.open_tasks.keys()),
        closed_tasks=[
            image for key, image in before.open_tasks.items() if key not in after.open_tasks
        ],
        reverted_changes=sorted(before.change_ids - after.change_ids),
        basis=basis,
    )


def _claim_image(claim: FormerClaim) -> ClaimImage:
    return ClaimImage(
        resource=claim.resource_id,
        starts_at=claim.starts_at.isoformat(),
        ends_at=claim.ends_at.isoformat(),
        pinned=claim.pinned,
    )


def read_former_claims(change: AppointmentChange) -> list[FormerClaim]:
    """Return what an appointment claimed before a change."""
    return [
        FormerClaim(
            image["resource"],
            datetime.fromisoformat(image["starts_at"]),
            datetime.fromisoformat(image["ends_at"]),
            image["pinned"],
        )
        for image in change.details["claims"]
    ]


def list_standing_changes(appointment_id: int) -> list[AppointmentChange]:
    """Return the changes of an appointment that were not undone, the latest first."""
    rows = select(AppointmentChange).filter_by(appointment_id=appointment_id, undone_at=None)
    return list(db.session.scalars(rows.order_by(AppointmentChange.id.desc())))


@transaction()
def delete_old_changes(now: datetime) -> None:
    """Delete the changes that can't be undone any more: the audit trail keeps what was done."""
    old = delete(AppointmentChange).where(AppointmentChange.made_at < now - KEPT)
    db.session.execute(old)
