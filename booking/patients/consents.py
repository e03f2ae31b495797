"""What two records of one person answered to "may we text you?": the stricter answer holds."""

from datetime import datetime

from sqlalchemy import select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient, TextConsent


@transaction()
def keep_stricter(survivor: Patient, other: Patient, staff_id: int, now: datetime) -> list[int]:
    """Decline texts for `survivor` to each number to which one of both declines them.

    Returns the ids of the answers added for it; none where the newest declines already.
    """
    survivor_answers, other_answers = _newest_by_phone(survivor.id), _newest_by_phone(other.id)
    refusals = [
        _decline(survivor, refusal, staff_id, now)
        for phone in sorted(survivor_answers.keys() & other_answers.keys())
        if (refusal := _find_older_refusal(survivor_answers[phone], other_answers[phone]))
    ]
    db.session.add_all(refusals)
    db.session.flush()
    if refusals:
        audit.record(staff_actor(staff_id), "record_consent", "patient", survivor.id, now)
    return [consent.id for consent in refusals]


def _newest_by_phone(patient_id: int) -> dict[str, TextConsent]:
    answers = select(TextConsent).filter_by(patient_id=patient_id).order_by(TextConsent.id)
    return {consent.phone: consent for consent in db.session.scalars(answers)}


def _find_older_refusal(answer: TextConsent, other: TextConsent) -> TextConsent | None:
    older, newer = sorted((answer, other), key=lambda consent: consent.id)
    return older if newer.granted and not older.granted else None


def _decline(patient: Patient, refusal: TextConsent, staff_id: int, now: datetime) -> TextConsent:
    return TextConsent(
        patient_id=patient.id,
        phone=refusal.phone,
        granted=False,
        wording=refusal.wording,
        given_at=now,
        asked_by_id=staff_id,
    )
