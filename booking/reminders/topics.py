"""What messages are kept under, and which visits each tells of."""

from collections.abc import Mapping, Sequence
from typing import Any

from booking.appointments.models import Appointment
from booking.messaging import operations as messaging
from booking.reminders.wording import series_id_of

APPOINTMENT, SERIES = "appointment", "series"
PLACES = (
    "places"  # in a message's details: the location of each visit it tells of, by the visit's id
)


def topic_of(appointment_id: int) -> str:
    """Return what a visit's messages are kept under."""
    return f"{APPOINTMENT}:{appointment_id}"


def list_topic_of(series_id: int) -> str:
    """Return what messages telling of several visits of a series at once are kept under."""
    return f"{SERIES}:{series_id}"


def topic_parts(topic: str) -> tuple[str, int]:
    """Return a topic's kind and number."""
    kind, _, number = topic.partition(":")
    return kind, int(number) if number.isdecimal() else 0


def details_of(visits: Sequence[Appointment]) -> dict[str, Any]:
    """Return what a message keeps of the visits it tells of."""
    return {PLACES: {str(visit.id): visit.location_id for visit in visits}}


def places_of(topic: str, details: Mapping[str, Any]) -> dict[int, int | None]:
    """Return the visits that a message tells of, each with its location; none for an answer.

    Those of before revision 0008 kept no details: the location is not known then.
    """
    places: dict[int, int | None] = {
        int(number): place for number, place in details.get(PLACES, {}).items()
    }
    kind, number = topic_parts(topic)
    return places or ({number: None} if kind == APPOINTMENT else {})


def place_last_told(visit: Appointment) -> int | None:
    """Return the location at which a patient was last told a visit is; None when it isn't known."""
    topics = [topic_of(visit.id)]
    if series_id := series_id_of(visit):
        topics.append(list_topic_of(series_id))
    for message in messaging.sent_about(topics):
        is_older = message.topic != topics[0] or message.revision < visit.sequence
        place = places_of(message.topic, message.details).get(visit.id)
        if is_older and place is not None:
            return place
    return None
