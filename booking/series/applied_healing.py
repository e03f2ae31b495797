"""Making a healed series true: all that moves, is new or has no place, in one transaction."""

from collections.abc import Sequence
from datetime import date, datetime

from booking.appointments import operations as appointment_operations
from booking.appointments.patient_booking import book_for_patient
from booking.appointments.rules import Origin
from booking.audit import operations as audit
from booking.audit.rules import parse_staff_actor
from booking.calendars import operations as calendars
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.series.completion import complete_if_finished, mark_given_up
from booking.series.decisions import record_decision
from booking.series.gap_limits import update_gap_warning
from booking.series.healing import (
    Healing,
    HealingOrder,
    build_healing,
    is_sound,
    order_request,
    read_order,
)
from booking.series.models import InfusionSeries, Session
from booking.series.planning.healing import HealedPlan, PlannedChange
from booking.series.planning.requests import PlannedSession, PlanSlot
from booking.series.progress import DecisionKind, SessionState
from booking.series.refusals import PlanChanged, PractitionerRequired, ReasonRequired
from booking.series.session_links import link_sessions
from booking.staff import operations as staff
from booking.staff.models import Role


@transaction()
def apply_healing(
    order: HealingOrder, key: str, now: datetime, actor: str, *, reason: str = ""
) -> Healing:
    """Make a proposal true as it was shown (`Healing.key`), checked again; who may not decide it is refused.

    Raises `PlanChanged`, `PractitionerRequired`, `ReasonRequired`, `SeriesNotPending`, `InvalidChange`,
    `UnknownSlug`, `SlotTaken`, `PatientBusy`, `NotCleared`.
    """
    series = db.session.get_one(InfusionSeries, order.series_id, with_for_update=True)
    healing = _read_again(series, order, key, now)
    _require_permitted(healing, actor, reason)
    _lock_days(healing)
    sessions = _change_appointments(series, healing, now, actor, reason)
    _keep_allowed_gaps(healing, sessions)
    if healing.given_up is not None:
        mark_given_up(healing.given_up, _require_staff(actor), reason, now)
    if reason:
        series.note = f"{series.note}\n{reason}".strip()
    _record(series, healing, actor, reason, now)
    complete_if_finished(series, now)
    update_gap_warning(series, now)
    return healing


def _record(
    series: InfusionSeries, healing: Healing, actor: str, reason: str, now: datetime
) -> None:
    """Keep what was decided on the series' timeline, and in the audit trail."""
    counts: dict[str, int | None] = {
        "moved": healing.moved_count,
        "new": healing.new_count,
        "lost": len(healing.lost_appointments),
        "longest_gap": max((gap.days for gap in healing.long_gaps), default=None),
    }
    way, session = healing.order.way.value, healing.lost_session
    number = session.number if session else None
    record_decision(
        series, DecisionKind.HEALED, actor, reason, now, way=way, number=number, **counts
    )
    audit.record(actor, "heal_series", "infusion_series", series.id, now, way=way, **counts)


def _read_again(series: InfusionSeries, order: HealingOrder, key: str, now: datetime) -> Healing:
    """Return a proposal as it was shown, if it keeps every rule still; raise `PlanChanged`."""
    basis = read_order(series, order, now)
    request = order_request(basis, order)
    slots = _read_key(key)
    numbers = request.numbers
    if [number for number, _ in slots] != list(numbers[: len(slots)]):
        raise PlanChanged
    sessions = tuple(
        PlannedSession(number, request.phase_index(number), slot, None) for number, slot in slots
    )
    plan = HealedPlan(sessions, numbers[len(slots) :])
    healing = build_healing(order, basis, request, plan)
    if not is_sound(healing):
        raise PlanChanged
    return healing


def _read_key(key: str) -> list[tuple[int, PlanSlot]]:
    try:
        parts = [text.split(" ") for text in key.split(",") if text]
        return [
            (int(number), PlanSlot(location, date.fromisoformat(day), int(minute)))
            for number, location, day, minute in parts
        ]
    except ValueError as error:
        raise PlanChanged from error


def _require_permitted(healing: Healing, actor: str, reason: str) -> None:
    if healing.needs_practitioner and staff.find_role(actor) is not Role.PRACTITIONER:
        raise PractitionerRequired
    if not reason and (healing.long_gaps or healing.given_up):
        raise ReasonRequired


def _require_staff(actor: str) -> int:
    staff_id = parse_staff_actor(actor)
    if staff_id is None:
        raise PractitionerRequired
    return staff_id


def _lock_days(healing: Healing) -> None:
    """Lock all days that something is freed or claimed on, in order: two series can't deadlock."""
    ids = {slug: location.id for slug, location in healing.basis.calendar.locations.items()}
    ids |= {
        slot.location: healing.basis.coming[number].location_id
        for number, slot in healing.basis.slots.items()
    }
    slots = [slot for each in healing.changes if not each.is_kept
             for slot in (each.before, each.after) if slot]  # fmt: skip
    calendars.lock_days((ids[slot.location], slot.day) for slot in slots)


def _change_appointments(
    series: InfusionSeries, healing: Healing, now: datetime, actor: str, reason: str
) -> list[Session]:
    """Cancel, move and book; then give each session the visit that is its own now. Return the sessions.

    The series' guard is not asked about each: the whole was checked, and sessions without a time are none of
    its business.
    """
    rows = [healing.basis.sessions[number].session for number in healing.request.numbers]
    states = {row.number: row.state for row in rows}
    for row in rows:
        row.state = SessionState.UNPLACED
    db.session.flush()
    cancelled_ids = [
        _cancel(healing, each, now, actor, reason) for each in healing.lost_appointments
    ]
    appointment_ids = {
        change.number or 0: _change_appointment(series, healing, change, now, actor, reason)
        for change in _in_order(healing.changes)
    }
    link_sessions(rows, appointment_ids, states, cancelled_ids, now)
    return rows


def _in_order(changes: Sequence[PlannedChange]) -> list[PlannedChange]:
    """Return what has a place in an order in which nobody needs a day that another still has."""
    left = [change for change in changes if change.after]
    in_order: list[PlannedChange] = []
    while left:
        ready = [change for change in left if not _has_to_wait(change, left)]
        if not ready:
            raise PlanChanged
        in_order += ready
        left = [change for change in left if change not in ready]
    return in_order


def _has_to_wait(change: PlannedChange, others: Sequence[PlannedChange]) -> bool:
    days = {each.before.day for each in others if each.before and each is not change}
    return not change.is_kept and change.after is not None and change.after.day in days


def _change_appointment(
    series: InfusionSeries,
    healing: Healing,
    change: PlannedChange,
    now: datetime,
    actor: str,
    reason: str,
) -> int:
    """Let a visit stay, move it or book a new one; return its appointment's id."""
    calendar, slot = healing.basis.calendar, change.after
    assert slot is not None  # noqa: S101 - those without a place are cancelled
    if change.old_number is not None and change.is_kept:
        return healing.basis.coming[change.old_number].id
    starts_at = calendar.starts_at(slot)
    if change.old_number is not None:
        appointment = healing.basis.coming[change.old_number]
        appointment_operations.move(
            appointment.id, starts_at, now, actor, location=slot.location, reason=reason
        )
        return appointment.id
    location = calendar.locations[slot.location]
    phase = healing.request.phase_index(change.number or 0)
    person = patients.get_merged_patient(db.session.get_one(Patient, series.patient_id))
    appointment = book_for_patient(
        person, location, calendar.service, calendar.demand(phase, slot.location), starts_at, now,
        origin=Origin.SERIES, actor=actor,
    )  # fmt: skip
    appointment.note = reason
    return appointment.id


def _cancel(healing: Healing, change: PlannedChange, now: datetime, actor: str, reason: str) -> int:
    """Cancel a visit that has no place any more; return its appointment's id."""
    appointment = healing.basis.coming[change.old_number or 0]
    is_away = bool(healing.order.away_days)
    appointment_operations.cancel(appointment.id, now, actor, by_patient=is_away, reason=reason)
    return appointment.id


def _keep_allowed_gaps(healing: Healing, rows: Sequence[Session]) -> None:
    """Keep, with its session, each gap against the limits: a practitioner has let it stand, now or before."""
    previous = healing.request.previous
    days_by_number: dict[int, int] = {}
    for session in healing.plan.sessions:
        days = (session.day - previous.day).days if previous else None
        if days is not None and not healing.basis.phases[session.phase].gap.allows(days):
            days_by_number[session.number] = days
        previous = session.slot
    for row in rows:
        row.allowed_gap = days_by_number.get(row.number)
