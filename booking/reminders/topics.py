"""What messages are kept under, and which appointments each tells of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.messaging.models import Message
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.reminders.contexts import find_series_id

APPOINTMENT, SERIES, LINKS = "appointment", "series", "links"
OFFER, MOVES, FORM, CHOICE = "offer", "moves", "form", "choice"
ANSWER, REPLY, ON_CALL = "inbound", "reply", "on_call"
RESENT = "resent"
# In a message's details, of each appointment it tells of, by its id: the location, and since 0.2 the start
# and SEQUENCE.
PLACES, STARTS, SEQUENCES = "places", "starts", "sequences"
STATUSES = "statuses"  # as they were told, where a message tells of several
MOVED_IDS = "moved"  # those of them that were told of before, and have been moved


@dataclass(frozen=True, slots=True)
class ToldAppointment:
    """Where and when (UTC; None when it isn't on record) a patient was last told an appointment is."""

    location_id: int
    starts_at: datetime | None


def appointment_topic(appointment_id: int) -> str:
    """Return what an appointment's messages are kept under."""
    return f"{APPOINTMENT}:{appointment_id}"


def series_topic(series_id: int) -> str:
    """Return what messages telling of several appointments of a series at once are kept under."""
    return f"{SERIES}:{series_id}"


def links_topic(patient_id: int) -> str:
    """Return what messages that send a person's links again are kept under."""
    return f"{LINKS}:{patient_id}"


def offer_topic(offer_id: int) -> str:
    """Return what the message of a time offered to the waitlist is kept under."""
    return f"{OFFER}:{offer_id}"


def choice_topic(affected_patient_id: int) -> str:
    """Return what the message that asks about new times after an outage is kept under."""
    return f"{CHOICE}:{affected_patient_id}"


def form_topic(form_id: int) -> str:
    """Return what the message that asks for a form is kept under."""
    return f"{FORM}:{form_id}"


def answer_topic(inbound_id: int) -> str:
    """Return what the answer to a text that somebody sent is kept under."""
    return f"{ANSWER}:{inbound_id}"


def reply_topic(inbound_id: int) -> str:
    """Return what the desk's own answers to a text that somebody sent are kept under."""
    return f"{REPLY}:{inbound_id}"


def on_call_topic(task_id: int) -> str:
    """Return what the texts to staff about a crisis are kept under."""
    return f"{ON_CALL}:{task_id}"


def resent_topic(appointment_id: int) -> str:
    """Return what the desk sends again about an appointment is kept under."""
    return f"{RESENT}:{appointment_id}"


def moves_topic(patient_id: int) -> str:
    """Return what messages telling of several appointments that a person had moved are kept under."""
    return f"{MOVES}:{patient_id}"


def parse_topic(topic: str) -> tuple[str, int]:
    """Return a topic's kind and number."""
    kind, _, number = topic.partition(":")
    return kind, int(number) if number.isdecimal() else 0


def message_details(
    appointments: Sequence[Appointment], moved_ids: Collection[int] = ()
) -> dict[str, Any]:
    """Return what a message keeps of the appointments it tells of; `moved_ids` of those told as moved."""
    by_id = {str(appointment.id): appointment for appointment in appointments}
    return {
        PLACES: {number: appointment.location_id for number, appointment in by_id.items()},
        STARTS: {
            number: appointment.starts_at.isoformat() for number, appointment in by_id.items()
        },
        SEQUENCES: {number: appointment.sequence for number, appointment in by_id.items()},
        STATUSES: {number: appointment.status.value for number, appointment in by_id.items()},
        MOVED_IDS: sorted(moved_ids),
    }


def told_status(appointment_id: int, default: Status, details: Mapping[str, Any]) -> Status:
    """Return the status with which a message tells of an appointment; `default` where it isn't on record."""
    return Status(details.get(STATUSES, {}).get(str(appointment_id), default))


def told_moved_ids(details: Mapping[str, Any]) -> frozenset[int]:
    """Return the ids of those appointments that a message of several tells of as moved."""
    return frozenset(details.get(MOVED_IDS, ()))


def told_sequence(appointment_id: int, default: int, details: Mapping[str, Any]) -> int:
    """Return the SEQUENCE at which a message tells of an appointment; `default` where it isn't on record."""
    return int(details.get(SEQUENCES, {}).get(str(appointment_id), default))


def locations_by_appointment(topic: str, details: Mapping[str, Any]) -> dict[int, int | None]:
    """Return the appointments that a message tells of, each with its location; none for an answer.

    Those of before revision 0008 kept no details: the location is not known then.
    """
    location_ids: dict[int, int | None] = {
        int(number): location_id for number, location_id in details.get(PLACES, {}).items()
    }
    kind, number = parse_topic(topic)
    return location_ids or ({number: None} if kind == APPOINTMENT else {})


def list_topics(appointment: Appointment) -> list[str]:
    """Return under which topics messages may tell of an appointment's time."""
    topics = [appointment_topic(appointment.id), resent_topic(appointment.id)]
    topics.append(moves_topic(_survivor_id(appointment)))
    if series_id := find_series_id(appointment):
        topics.append(series_topic(series_id))
    return topics


def tells_of_revision(message: Message, appointment: Appointment) -> bool:
    """Tell whether a message tells of an appointment as it stands."""
    if appointment.id not in locations_by_appointment(message.topic, message.details):
        return False
    return _told_sequence(message, appointment.id) == appointment.sequence


def _told_sequence(message: Message, appointment_id: int) -> int:
    is_list = parse_topic(message.topic)[0] != APPOINTMENT
    return told_sequence(appointment_id, 0 if is_list else message.revision, message.details)


def find_last_told(appointment: Appointment) -> ToldAppointment | None:
    """Return what a patient was last told of an appointment before its latest move; None when not known."""
    for message in messaging.list_sent(list_topics(appointment)):
        location_id = locations_by_appointment(message.topic, message.details).get(appointment.id)
        if (
            _told_sequence(message, appointment.id) < appointment.sequence
            and location_id is not None
        ):
            start = message.details.get(STARTS, {}).get(str(appointment.id))
            return ToldAppointment(location_id, datetime.fromisoformat(start) if start else None)
    return None


def _survivor_id(appointment: Appointment) -> int:
    patient = db.session.get_one(Patient, appointment.patient_id)
    return patients.get_merged_patient(patient).id
