"""Somebody has lost the link of an appointment: it is sent again to where its messages go (invariant 14)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking.appointments.contacts import contacts_by_appointment
from booking.appointments.models import Appointment
from booking.appointments.queries import list_upcoming_appointments
from booking.audit import operations as audit
from booking.db.statements import lock_name
from booking.db.transactions import transaction
from booking.messaging import operations as messaging
from booking.messaging import queries
from booking.patients import operations as patients
from booking.patients.queries import list_namesakes
from booking.patients.rules import Contact, strip_extension
from booking.reminders.drafts import draft_messages_with_links
from booking.reminders.topics import links_topic

ACTOR = "online"
SENT_AGAIN_AFTER = timedelta(minutes=10)  # whoever asks, a person is sent links no more often


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What somebody gives who has lost a link: `phone` in E.164, or else an `email`."""

    family_name: str
    birth_date: date
    phone: str | None
    email: str | None


@transaction()
def resend_links(request: LinkRequest, now: datetime) -> None:
    """Send the links of coming appointments again, to each person whom the request matches.

    That is by family name, birth date and a phone or e-mail on file or given for one of the appointments.
    Nothing tells the asker whether there was anybody; nothing is sent to what they typed.
    """
    lock_name(f"links {request.birth_date}")
    namesakes = list_namesakes(request.family_name, request.birth_date)
    for patient_id in {patients.get_merged_patient(namesake).id for namesake in namesakes}:
        records = patients.list_records_by_patient([patient_id])[patient_id]
        appointments = list_upcoming_appointments([record.id for record in records], now)
        given_contacts = contacts_by_appointment([appointment.id for appointment in appointments])
        contacts = [*(record.contact for record in records), *given_contacts.values()]
        if appointments and _reaches(contacts, request):
            _enqueue_links(patient_id, appointments, now)


def _reaches(contacts: Iterable[Contact], request: LinkRequest) -> bool:
    if request.phone is not None:
        line = strip_extension(request.phone)
        return any(strip_extension(contact.phone or "") == line for contact in contacts)
    return any(request.email is not None and contact.email == request.email for contact in contacts)


def _enqueue_links(patient_id: int, appointments: Sequence[Appointment], now: datetime) -> None:
    topic = links_topic(patient_id)
    if queries.was_enqueued_about(topic, now - SENT_AGAIN_AFTER):
        return
    revision = messaging.next_revision(topic)
    for draft in draft_messages_with_links(patient_id, revision, appointments, now):
        messaging.enqueue(draft, now)
    audit.record(ACTOR, "resend_links", "patient", patient_id, now)
