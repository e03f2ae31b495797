"""What a series' patient can do: the same rules as booking has, asked of days and times to come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from booking.appointments.conflicts import conflicts_with
from booking.appointments.models import Appointment
from booking.screening.rules import ClearanceBasis
from booking.series.rules import Gap
from booking.series.spacing import INFUSION_NEAR, Infusion, is_too_near


class Obstacle(StrEnum):
    """What hinders a session on a day."""

    NOT_CLEARED = "not_cleared"
    INFUSION_NEAR = INFUSION_NEAR
    AWAY = "away"  # the patient said so
    CLOSED = "closed"
    FULL = "full"
    PERSON_BUSY = "person_busy"


@dataclass(frozen=True, slots=True)
class PatientAvailability:
    """Whether someone may be treated, their infusions outside the series, and what takes their time."""

    clearance_basis: ClearanceBasis
    infusions: Sequence[Infusion]
    appointments: Sequence[Appointment]
    away_days: Collection[date] = ()

    def find_obstacle(self, day: date, gap: Gap) -> Obstacle | None:
        """Return what hinders a session with this gap all local `day`; None if nothing does."""
        if not self.clearance_basis.allows_infusion_on(day):
            return Obstacle.NOT_CLEARED
        if day in self.away_days:
            return Obstacle.AWAY
        return Obstacle.INFUSION_NEAR if is_too_near(day, gap, self.infusions) else None

    def is_elsewhere_near(self, day: date) -> bool:
        """Tell whether any of the person's appointments is on a local day, or the one before or after."""
        return any(abs((each.local_date - day).days) <= 1 for each in self.appointments)

    def is_free_at(self, starts_at: datetime, ends_at: datetime, day: date) -> bool:
        """Tell whether the person can be at an infusion then."""
        return not any(
            conflicts_with(appointment, starts_at, ends_at, day, is_infusion=True)
            for appointment in self.appointments
        )
