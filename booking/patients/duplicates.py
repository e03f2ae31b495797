"""Records that may be about one person: named before another is made, and for the desk to merge."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from booking.extensions import db
from booking.patients.distinct import list_distinct_ids
from booking.patients.models import Patient
from booking.patients.rules import Contact, may_be_same_person


class PossibleDuplicates(Exception):
    """There are records that may be of the same person: `patients`."""

    def __init__(self, patients: Sequence[Patient]) -> None:
        super().__init__(f"{len(patients)} alike")
        self.patients = patients


def find_duplicates(contact: Contact, birth_date: date) -> list[Patient]:
    """Return the records that may be about this person: birth date + family name, phone or e-mail.

    For the desk to look at before it makes another; records merged into one are left out.
    """
    same_birth_date = select(Patient).where(
        Patient.birth_date == birth_date,
        Patient.merged_into_id.is_(None),
        Patient.erased_at.is_(None),
    )
    return [
        patient
        for patient in db.session.scalars(same_birth_date.order_by(Patient.id))
        if may_be_same_person(
            patient.family_key,
            patient.birth_date,
            patient.phone,
            patient.email,
            contact,
            birth_date,
        )
    ]


def find_new_duplicates(patient: Patient, contact: Contact, birth_date: date) -> list[Patient]:
    """Return the records that are alike once a patient's says this, and are not as it stands."""
    ids = {patient.id, *(each.id for each in list_duplicates(patient))}
    return [each for each in find_duplicates(contact, birth_date) if each.id not in ids]


def list_duplicates(patient: Patient) -> list[Patient]:
    """Return the other records that may be about a patient, as `find_duplicates` does.

    Those that somebody found to be another's are left out.
    """
    others = {patient.id, *list_distinct_ids(patient.id)}
    alike = find_duplicates(patient.contact, patient.birth_date)
    return [each for each in alike if each.id not in others]
