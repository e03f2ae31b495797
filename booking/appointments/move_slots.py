"""Where a patient may move an appointment by its link: what is listed is what `move` accepts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from booking.appointments.conflicts import conflicts_with, list_occupying_appointments
from booking.appointments.guards import filter_move_dates
from booking.appointments.impossible import get_demand
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars.bookable_days import BookableDay, DayState
from booking.calendars.booking_windows import BookingWindow
from booking.calendars.catalogue import BookableService
from booking.calendars.local_days import iter_bits
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.slots import Slot
from booking.screening import operations as screening

A_DAY = timedelta(days=1)  # other locations' days begin at other instants
ALTERNATIVES = 4  # times near one that went


class MoveObstacle(StrEnum):
    """Why an appointment can't be moved anywhere at a location, as a code."""

    FULL = "full"
    NOT_CLEARED = "not_cleared"  # a clinician has to see to it first
    GAPS = "gaps"  # no free time keeps the distance to the person's other appointments


@dataclass(frozen=True, slots=True)
class MoveOptions:
    """Where an appointment can be moved at one location, soonest first; or why nowhere."""

    slots: Sequence[Slot]
    obstacle: MoveObstacle | None


def list_move_options(
    appointment: Appointment, location: LocationCalendar, now: datetime
) -> MoveOptions:
    """Return the times to which a patient may move an appointment at a location, in the booking window.

    Its own time counts as free, but is none of them. The rules are those of `self_service`, asked of all
    days at once.
    """
    free_slots = _list_free_slots(appointment, location, now)
    dates = sorted({slot.local_start.date() for slot in free_slots})
    allowed_dates = filter_move_dates(appointment, dates)
    cleared_dates = _filter_cleared(appointment, allowed_dates)
    slots = [slot for slot in free_slots if slot.local_start.date() in cleared_dates]
    return MoveOptions(slots, None if slots else _find_obstacle(free_slots, allowed_dates))


def list_move_days(
    options: MoveOptions, location: LocationCalendar, first: date, last: date
) -> list[BookableDay]:
    """Return each local day in [first, last]: how many times there are to move to, or why none."""
    counts = Counter(slot.local_start.date() for slot in options.slots)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [BookableDay(day, _move_state(counts[day], location, day), counts[day]) for day in days]


def _move_state(count: int, location: LocationCalendar, day: date) -> DayState:
    if count:
        return DayState.FREE
    return DayState.RULED_OUT if location.is_open_on(day) else DayState.CLOSED


def _find_obstacle(free_slots: Sequence[Slot], allowed_dates: Sequence[date]) -> MoveObstacle:
    if not free_slots:
        return MoveObstacle.FULL
    return MoveObstacle.NOT_CLEARED if allowed_dates else MoveObstacle.GAPS


def list_nearest_moves(
    appointment: Appointment, location: LocationCalendar, starts_at: datetime, now: datetime
) -> list[Slot]:
    """Return the few times to move to that are nearest to one that isn't possible."""
    slots = list_move_options(appointment, location, now).slots
    others = [slot for slot in slots if slot.starts_at != starts_at]
    return sorted(others, key=lambda slot: abs(slot.starts_at - starts_at))[:ALTERNATIVES]


def move_window(
    service: BookableService, location: LocationCalendar, now: datetime
) -> BookingWindow:
    """Return when an appointment may start that its patient moves now, whoever may book the service."""
    return BookingWindow.open_at(now, service.notice, service.horizon, location.zone)


def _list_free_slots(
    appointment: Appointment, location: LocationCalendar, now: datetime
) -> list[Slot]:
    """Return when the clinic and the patient are free, besides the time that the appointment has."""
    service = availability.current_catalogue().services_by_id[appointment.service_id]
    demand, window = get_demand(appointment, service), move_window(service, location, now)
    first, last = window.first_day(location.zone), window.last_day(location.zone)
    days = availability.list_starts_besides(appointment.id, location, demand, first, last, now)
    duration = timedelta(minutes=demand.minutes)
    slots = [
        Slot(starts_at, starts_at + duration, location, service)
        for day in days
        for starts_at in map(
            day.free.day.cell_start, iter_bits(day.starts & window.cells_of(day.free.day))
        )
    ]
    others = _list_other_appointments(appointment, first, last)
    own_time = (appointment.location_id, appointment.starts_at)
    return [
        slot
        for slot in slots
        if (location.id, slot.starts_at) != own_time and _is_patient_free(appointment, slot, others)
    ]


def _list_other_appointments(
    appointment: Appointment, first: date, last: date
) -> list[Appointment]:
    if appointment.patient_id is None:
        return []
    occupying = list_occupying_appointments(appointment.patient_id, first - A_DAY, last + A_DAY)
    return [other for other in occupying if other.id != appointment.id]


def _is_patient_free(appointment: Appointment, slot: Slot, others: Sequence[Appointment]) -> bool:
    day = slot.local_start.date()
    return not any(
        conflicts_with(
            other, slot.starts_at, slot.ends_at, day, is_infusion=appointment.is_infusion
        )
        for other in others
    )


def _filter_cleared(appointment: Appointment, dates: Sequence[date]) -> Sequence[date]:
    """Return the local dates on which the patient may be given an infusion; all, of anything else."""
    if not appointment.is_infusion or appointment.patient_id is None:
        return dates
    standing = screening.get_standing(appointment.patient_id)
    return [day for day in dates if standing.allows_infusion_on(day)]
