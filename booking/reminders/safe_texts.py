"""Who said that texts aren't safe is texted nothing: somebody else may read them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from booking.db.transactions import transaction
from booking.messaging import persons
from booking.messaging.rendering import Draft
from booking.messaging.rules import Channel, Reason
from booking.patients.models import Patient
from booking.reminders.persons import patients_by_key, person_key
from booking.reminders.topics import ANSWER, parse_topic


def withhold_unsafe_texts(drafts: Sequence[Draft]) -> Mapping[int, Reason]:
    """Return why texts don't go, as they are about to be sent; an answer to a person's own text does."""
    texts = [draft for draft in drafts if draft.channel is Channel.SMS and not _is_answer(draft)]
    patients = patients_by_key({draft.person for draft in texts})
    unsafe_persons = {person for person, patient in patients.items() if not patient.safe_to_text}
    return {draft.id: Reason.NOT_SAFE for draft in texts if draft.person in unsafe_persons}


def find_unsafe_reason(patient: Patient, channel: Channel) -> Reason | None:
    """Return why nothing goes to a patient on a channel, if it isn't safe."""
    return Reason.NOT_SAFE if channel is Channel.SMS and not patient.safe_to_text else None


@transaction()
def update_planned_texts(patient: Patient, now: datetime) -> None:
    """Skip the texts still planned for a patient, or plan them again, by whether they are safe."""
    if patient.safe_to_text:
        persons.restore_texts(person_key(patient), Reason.NOT_SAFE, now)
    else:
        persons.skip_planned_texts(person_key(patient), Reason.NOT_SAFE)


def _is_answer(draft: Draft) -> bool:
    return parse_topic(draft.topic)[0] == ANSWER
