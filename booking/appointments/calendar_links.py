"""Addresses that open an entry in an online calendar, filled in; as neutral as the calendar file."""

from datetime import UTC
from urllib.parse import urlencode

from booking.appointments.ics import summarize_appointment
from booking.appointments.models import Appointment
from booking.locations.models import Location

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = "https://outlook.live.com/calendar/0/deeplink/compose"
BASIC = "%Y%m%dT%H%M%SZ"  # RFC 5545, 3.3.5: UTC


def google_calendar_url(appointment: Appointment, location: Location) -> str:
    """Return where Google Calendar makes an entry of an appointment."""
    starts_at, ends_at = (
        instant.astimezone(UTC).strftime(BASIC)
        for instant in (appointment.starts_at, appointment.ends_at)
    )
    query = {
        "action": "TEMPLATE",
        "text": summarize_appointment(location),
        "dates": f"{starts_at}/{ends_at}",
        "location": location.address,
    }
    return f"{GOOGLE}?{urlencode(query)}"


def outlook_calendar_url(appointment: Appointment, location: Location) -> str:
    """Return where Outlook on the web makes an entry of an appointment."""
    query = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": summarize_appointment(location),
        "startdt": appointment.starts_at.astimezone(UTC).isoformat(),
        "enddt": appointment.ends_at.astimezone(UTC).isoformat(),
        "location": location.address,
    }
    return f"{OUTLOOK}?{urlencode(query)}"
