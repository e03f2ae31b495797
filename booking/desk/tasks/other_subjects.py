"""Tasks about what is no patient: a recipient, a closure, a colleague's calendar, another program."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from booking.appointments.impossible import MisfitAppointment
from booking.desk.outages.words import name_outage
from booking.desk.people.calendar_words import find_calendar_page
from booking.messaging.models import Message
from booking.outages.models import OutageCase
from booking.outages.queries import get_outage
from booking.patients.models import Patient
from booking.staff.models import Staff
from booking.webhooks.models import WebhookEndpoint


@dataclass(frozen=True, slots=True)
class TaskSubject:
    """What one task is about. `phone` in E.164 or an e-mail address; `at` the start meant."""

    name: str = ""
    link: str | None = None
    phone: str | None = None
    patient: Patient | None = None
    quote: str = ""
    reason: str = ""  # why a person is told, where the task alone doesn't say
    at: datetime | None = None
    zone: str | None = None
    location: str = ""
    session: int | None = None
    details: str | None = None  # where a patient's contacts are corrected
    impossible: MisfitAppointment | None = None  # an appointment that can't take place as booked
    appointment_id: int | None = None


def describe_other_subject(row: Message | OutageCase | Staff | WebhookEndpoint) -> TaskSubject:
    """Return what a task is about whose subject is nobody who is treated."""
    match row:
        case Staff():
            return TaskSubject(row.name, find_calendar_page(row))
        case Message():
            return TaskSubject(phone=row.recipient)
        case WebhookEndpoint():
            link = url_for("desk.show_webhook", endpoint_id=row.id)
            reason = str(_("This program is no longer told of visits"))
            return TaskSubject(row.url, link if current_user.may_manage else None, reason=reason)
    link = url_for("desk.show_outage", case_id=row.id)
    return TaskSubject(name_outage(get_outage(row)), link, quote=row.reason)
