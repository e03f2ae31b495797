"""All that the desk knows of one patient, read for the patient's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import get_locale
from sqlalchemy import select

from booking import clock
from booking.appointments import contacts
from booking.appointments import operations as appointments
from booking.appointments.models import Appointment
from booking.calendars import offering
from booking.calendars.places import Place
from booking.desk import people
from booking.desk.courses import Course, courses_of
from booking.extensions import db
from booking.locations.models import Location
from booking.messaging import operations as messaging
from booking.messaging.models import Inbound, Message
from booking.messaging.opt_outs import is_opted_out
from booking.patients import editing
from booking.patients import operations as patients
from booking.patients.models import Patient, PatientChange
from booking.patients.rules import without_extension
from booking.reminders.topics import list_topic_of, topic_of
from booking.screening import operations as screening
from booking.screening.models import Flag, Suitability
from booking.screening.rules import Clearance

MOST_TEXTS = 50


@dataclass(frozen=True, slots=True)
class Record:
    """One patient's page; findings, visits and messages newest first."""

    may_text: bool
    opted_out: bool
    flags: Sequence[Flag]
    findings: Sequence[Suitability]
    finders: dict[int, str]
    clearance: Clearance
    visits: Sequence[Appointment]
    suspended: Sequence[Appointment]
    courses: Sequence[Course]
    messages: Sequence[Message]
    texts: Sequence[Inbound]
    questions: dict[str, str]  # by slug, as asked now
    places: dict[int, Location]
    corrections: Sequence[PatientChange]
    correctors: dict[int, str]
    zone: str  # of the desk's own location

    @property
    def finding(self) -> Suitability | None:
        """The finding that counts."""
        return self.findings[0] if self.findings else None


def read_record(patient: Patient, now: datetime, place: Place) -> Record:
    """Read a patient's page; `place` says which day it is today."""
    visits = appointments.of_patient(patient.id)
    courses = courses_of(patient.id)
    findings = _findings(patient.id)
    corrections = editing.changes_of(patient.id)
    today = clock.local_date(now, place.zone.key)
    return Record(
        may_text=patient.phone is not None and patients.may_text(patient.id, patient.phone),
        opted_out=patient.phone is not None and is_opted_out(without_extension(patient.phone)),
        flags=screening.open_flags(patient.id),
        findings=findings,
        finders=people.staff_names({found.found_by_id for found in findings}),
        clearance=screening.clearance_of(patient.id, today),
        visits=visits,
        suspended=[one for one in visits if one.suspended_at and one.starts_at > now],
        courses=courses,
        messages=_messages(visits, courses),
        texts=_texts(patient, visits),
        questions=questions_asked(),
        places={location.id: location for location in db.session.scalars(select(Location))},
        corrections=corrections,
        correctors=people.staff_names({change.changed_by_id for change in corrections}),
        zone=place.zone.key,
    )


def questions_asked() -> dict[str, str]:
    """Return the safety questions as asked now, by slug."""
    language, asked = str(get_locale()), offering.catalogue().questions.asked
    return {question.slug: question.text(language) for question in asked}


def _findings(patient_id: int) -> list[Suitability]:
    found = select(Suitability).where(Suitability.patient_id == patient_id)
    return list(db.session.scalars(found.order_by(Suitability.id.desc())))


def _messages(visits: Sequence[Appointment], courses: Sequence[Course]) -> list[Message]:
    topics = [topic_of(visit.id) for visit in visits]
    topics += [list_topic_of(course.series.id) for course in courses]
    return messaging.history(topics)[::-1]


def _texts(patient: Patient, visits: Sequence[Appointment]) -> list[Inbound]:
    """Return the latest texts from the patient's numbers, which others may use too."""
    typed = contacts.typed_for([visit.id for visit in visits]).values()
    phones = {contact.phone for contact in (patient.contact, *typed) if contact.phone}
    received = select(Inbound).where(Inbound.sender.in_({without_extension(one) for one in phones}))
    newest = received.order_by(Inbound.received_at.desc(), Inbound.id.desc())
    return list(db.session.scalars(newest.limit(MOST_TEXTS)))
