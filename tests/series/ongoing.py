"""An open-ended series with weekly visits, as the tests of what becomes of it begin."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars.local_days import minute_of_day
from booking.extensions import db
from booking.series import pauses, resumptions
from booking.series.models import InfusionSeries
from booking.series.pause_rules import PauseDays
from booking.series.progress import SessionState
from booking.series.queries import list_sessions
from booking.series.resumptions import Resumption
from tests.builders import NOW, PHOENIX, Clinic
from tests.series.prescribed import RECOMMENDED, a_booked_series, appointments
from tests.written_once import written_once


@dataclass
class Ongoing:
    """A booked series: six visits twice a week, then `weekly` ones without an end."""

    clinic: Clinic
    series: InfusionSeries
    dense: list[Appointment]
    weekly: list[Appointment]

    @property
    def row(self) -> InfusionSeries:
        """Return the series as it is now."""
        return db.session.get_one(InfusionSeries, self.series.id)

    @property
    def practitioner(self) -> int:
        return self.clinic.practitioner.id

    def coming(self, since: Appointment | None = None) -> list[Appointment]:
        """Return what stands from an appointment on, else from the first weekly one, by day."""
        first = (since or self.weekly[0]).starts_at
        standing = [each for each in appointments(self.series) if each.status is Status.BOOKED]
        after = [each for each in standing if each.starts_at >= first]
        return sorted(after, key=lambda each: each.starts_at)

    def states(self) -> list[SessionState]:
        return [each.session.state for each in list_sessions(self.series.id)]

    def numbers(self) -> dict[int, int]:
        """Return the sessions' numbers by the appointments that they have."""
        return {
            each.appointment.id: each.session.number
            for each in list_sessions(self.series.id)
            if each.appointment
        }


@written_once
def an_ongoing_series(clinic: Clinic) -> Ongoing:
    """Prescribe and book it."""
    series = a_booked_series(clinic, RECOMMENDED)
    booked = appointments(series)
    return Ongoing(clinic, series, booked[:6], booked[6:])


def starts(found: list[Appointment]) -> list[object]:
    """Return which visits these are, and when."""
    return [(each.id, each.starts_at) for each in found]


def gaps(found: list[Appointment]) -> list[int]:
    """Return the days between visits."""
    return [(later.local_date - earlier.local_date).days for earlier, later in pairwise(found)]


def weekday_and_minute(appointment: Appointment) -> tuple[int, int]:
    """Return when in the week a visit is."""
    return appointment.local_date.weekday(), minute_of_day(appointment.starts_at, PHOENIX)


def days(found: list[Appointment]) -> list[date]:
    return [each.local_date for each in found]


def pause(ongoing: Ongoing, first: date, last: date | None = None) -> None:
    pauses.pause_series(
        ongoing.series.id, PauseDays(first, last), ongoing.practitioner, NOW, reason="Travels"
    )


def resume(ongoing: Ongoing, first_day: date, repeats: int | None = None) -> None:
    resumption = Resumption(first_day, repeats)
    shown = resumptions.preview_resumption(ongoing.row, resumption, NOW).key
    resumptions.resume_series(
        ongoing.series.id, resumption, ongoing.practitioner, NOW, reason="Well", expected_key=shown
    )
