"""When and where an appointment is: instants, and the local day, zone and offset they were computed from."""

from datetime import datetime, timedelta

from booking.appointments.models import Appointment
from booking.calendars.local_days import utc_offset
from booking.calendars.location_calendars import LocationCalendar


def set_time(
    appointment: Appointment, location: LocationCalendar, starts_at: datetime, minutes: int
) -> None:
    """Point an appointment to so many minutes from `starts_at` (aware) on, at a location."""
    appointment.location_id, appointment.time_zone = location.id, location.zone.key
    appointment.starts_at = starts_at
    appointment.ends_at = starts_at + timedelta(minutes=minutes)
    appointment.local_date = starts_at.astimezone(location.zone).date()
    appointment.utc_offset = utc_offset(starts_at, location.zone)
