"""What messages are kept under, and which appointments each tells of."""

from collections.abc import Mapping, Sequence
from typing import Any

from booking.appointments.models import Appointment
from booking.messaging import operations as messaging
from booking.reminders.contexts import find_series_id

APPOINTMENT, SERIES, LINKS, OFFER = "appointment", "series", "links", "offer"
PLACES = "places"  # in a message's details: the location of each appointment it tells of, by its id


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


def parse_topic(topic: str) -> tuple[str, int]:
    """Return a topic's kind and number."""
    kind, _, number = topic.partition(":")
    return kind, int(number) if number.isdecimal() else 0


def message_details(appointments: Sequence[Appointment]) -> dict[str, Any]:
    """Return what a message keeps of the appointments it tells of."""
    return {PLACES: {str(appointment.id): appointment.location_id for appointment in appointments}}


def locations_by_appointment(topic: str, details: Mapping[str, Any]) -> dict[int, int | None]:
    """Return the appointments that a message tells of, each with its location; none for an answer.

    Those of before revision 0008 kept no details: the location is not known then.
    """
    location_ids: dict[int, int | None] = {
        int(number): location_id for number, location_id in details.get(PLACES, {}).items()
    }
    kind, number = parse_topic(topic)
    return location_ids or ({number: None} if kind == APPOINTMENT else {})


def last_told_location(appointment: Appointment) -> int | None:
    """Return the location at which a patient was last told an appointment is; None when it isn't known."""
    topics = [appointment_topic(appointment.id)]
    if series_id := find_series_id(appointment):
        topics.append(series_topic(series_id))
    for message in messaging.list_sent(topics):
        is_older = message.topic != topics[0] or message.revision < appointment.sequence
        location_id = locations_by_appointment(message.topic, message.details).get(appointment.id)
        if is_older and location_id is not None:
            return location_id
    return None
