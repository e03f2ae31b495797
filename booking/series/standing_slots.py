"""Where the sessions of a series stand, as slots of their locations; and where they usually are."""

from collections.abc import Sequence

from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars.local_days import minute_of_day
from booking.series.models import InfusionSeries
from booking.series.planning.requests import PlanSlot
from booking.series.queries import STANDING, ScheduledSession, get_phases, list_sessions
from booking.series.revisions import get_maintenance_index, is_rolling
from booking.series.usual_slots import select_usual_slots


def list_usual_slots(
    series: InfusionSeries, sessions: Sequence[ScheduledSession]
) -> tuple[PlanSlot, ...]:
    """Return where the open-ended phase of a series usually is, at any frequency; none before it began."""
    phases, first_phase = get_phases(series), get_maintenance_index(series)
    standing = [
        session.appointment
        for session in sessions
        if session.appointment is not None
        and session.session.state in STANDING
        and session.session.phase >= first_phase
    ]
    if not is_rolling(series):
        return ()
    in_order = sorted(standing, key=lambda appointment: appointment.starts_at)
    return select_usual_slots([to_slot(appointment) for appointment in in_order], phases[-1].gap)


def to_slot(appointment: Appointment) -> PlanSlot:
    """Return where an appointment is, as a slot of its location."""
    location = availability.current_catalogue().locations_by_id[appointment.location_id]
    minute = minute_of_day(appointment.starts_at, location.zone)
    return PlanSlot(location.slug, appointment.local_date, minute)


def last_standing_slot(series: InfusionSeries) -> PlanSlot | None:
    """Return where the last session that stands is, from which the next gap counts."""
    last = max(
        (
            session.appointment
            for session in list_sessions(series.id)
            if session.appointment and session.session.state in STANDING
        ),
        key=lambda appointment: appointment.starts_at,
        default=None,
    )
    return to_slot(last) if last else None
