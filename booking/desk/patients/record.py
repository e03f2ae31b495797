"""All that the desk knows of one patient, read for the patient's page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import get_locale

from booking import clock
from booking.appointments import contacts, queries
from booking.appointments.models import Appointment
from booking.appointments.rules import OCCUPYING_STATES
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.desk.patients.changes import RecordChange, list_record_changes
from booking.desk.series.summaries import SeriesSummary, list_series_summaries
from booking.erasure.operations import is_held
from booking.locations import operations as locations
from booking.locations.models import Location
from booking.merging.models import PatientMerge
from booking.merging.operations import list_merges
from booking.messaging import operations as messaging
from booking.messaging.email_preferences import is_unsubscribed
from booking.messaging.models import InboundMessage, Message
from booking.messaging.opt_outs import is_opted_out
from booking.messaging.queries import list_inbound_messages
from booking.messaging.rules import Reason
from booking.messaging.stopped import list_stopped
from booking.patients import operations as patients
from booking.patients.distinct import list_distinct_ids
from booking.patients.duplicates import list_duplicates
from booking.patients.models import Patient
from booking.patients.queries import get_patients_by_id
from booking.patients.rules import strip_extension
from booking.reminders.topics import (
    appointment_topic,
    links_topic,
    moves_topic,
    offer_topic,
    resent_topic,
    series_topic,
)
from booking.screening import flags, history
from booking.screening import operations as screening
from booking.screening.history import AnswerHistory
from booking.screening.models import Flag, Suitability
from booking.screening.queries import list_findings
from booking.screening.rules import Clearance
from booking.staff.queries import get_staff_names
from booking.waitlist.queries import list_offer_ids

MAX_TEXTS = 50


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """One patient's page; findings and messages newest first."""

    may_text: bool
    opted_out: bool
    unsubscribed: bool  # from reminders by e-mail
    flags: Sequence[Flag]
    findings: Sequence[Suitability]
    finders: dict[int, str]
    clearance: Clearance
    upcoming: Sequence[Appointment]  # that stand and are not over, the next first
    past: Sequence[Appointment]  # that are over or don't stand, the latest first
    suspended: Sequence[Appointment]
    series_summaries: Sequence[SeriesSummary]
    messages: Sequence[Message]
    stopped_messages: Mapping[int, Reason]  # why planned ones won't go as things stand, by id
    texts: Sequence[InboundMessage]
    questions: dict[str, str]  # by slug, as asked now
    histories: Sequence[AnswerHistory]  # of the safety answers, the latest booking first
    asked_questions: dict[int, dict[str, str]]  # by version and slug
    locations: dict[int, Location]
    changes: Sequence[RecordChange]
    duplicates: Sequence[Patient]  # records that may be about the same person
    namesakes: Sequence[Patient]  # records that look alike and were found to be another's
    merges: Sequence[PatientMerge]  # into this record, undone ones too
    merged_patients: dict[int, Patient]  # those records, by id
    is_held: bool  # a legal hold stands
    zone: str  # of the desk's own location

    @property
    def finding(self) -> Suitability | None:
        """The finding that counts."""
        return self.findings[0] if self.findings else None


def read_patient_record(
    patient: Patient, now: datetime, home_location: LocationCalendar
) -> PatientRecord:
    """Read a patient's page; `home_location` says which day it is today."""
    appointments = queries.list_appointments_of_patient(patient.id)
    summaries = list_series_summaries(patient.id)
    findings = list_findings(patient.id)
    merges = list_merges(patient.id)
    histories = history.list_histories(patient.id)
    messages = _messages(patient.id, appointments, summaries)
    today = clock.local_date(now, home_location.zone.key)
    return PatientRecord(
        may_text=patient.phone is not None and patients.has_text_consent(patient.id, patient.phone),
        opted_out=patient.phone is not None and is_opted_out(strip_extension(patient.phone)),
        unsubscribed=patient.email is not None and is_unsubscribed(patient.email),
        flags=flags.list_open_flags(patient.id),
        findings=findings,
        finders=get_staff_names(
            {suitability.found_by_id for suitability in findings}
            | {each.response.asked_by_id for each in histories if each.response.asked_by_id}
        ),
        clearance=screening.get_clearance(patient.id, today),
        upcoming=[each for each in reversed(appointments) if _is_upcoming(each, now)],
        past=[each for each in appointments if not _is_upcoming(each, now)],
        suspended=[
            appointment
            for appointment in appointments
            if appointment.suspended_at and appointment.starts_at > now
        ],
        series_summaries=summaries,
        messages=messages,
        stopped_messages=list_stopped(messages),
        texts=_texts(patient, appointments),
        questions=question_texts(),
        histories=histories,
        asked_questions=history.list_question_texts(histories),
        locations=locations.get_all_locations(),
        changes=list_record_changes(patient.id),
        duplicates=list_duplicates(patient),
        namesakes=list(get_patients_by_id(list_distinct_ids(patient.id)).values()),
        merges=merges,
        merged_patients=get_patients_by_id({merge.merged_id for merge in merges}),
        is_held=is_held(patient.id),
        zone=home_location.zone.key,
    )


def _is_upcoming(appointment: Appointment, now: datetime) -> bool:
    return appointment.status in OCCUPYING_STATES and appointment.ends_at > now


def question_texts() -> dict[str, str]:
    """Return the safety questions as asked now, by slug."""
    language, questions = str(get_locale()), availability.current_catalogue().questions.questions
    return {question.slug: question.text_in(language) for question in questions}


def _messages(
    patient_id: int, appointments: Sequence[Appointment], summaries: Sequence[SeriesSummary]
) -> list[Message]:
    topics = [
        topic_of(appointment.id)
        for appointment in appointments
        for topic_of in (appointment_topic, resent_topic)
    ]
    for record_id in patients.list_record_ids(patient_id):
        topics += [moves_topic(record_id), links_topic(record_id)]
    topics += [offer_topic(number) for number in list_offer_ids(appointments)]
    topics += [series_topic(summary.series.id) for summary in summaries]
    return messaging.list_messages(topics)[::-1]


def _texts(patient: Patient, appointments: Sequence[Appointment]) -> list[InboundMessage]:
    """Return the latest texts from the patient's numbers, which others may use too."""
    typed_contacts = contacts.contacts_by_appointment(
        [appointment.id for appointment in appointments]
    ).values()
    phones = {contact.phone for contact in (patient.contact, *typed_contacts) if contact.phone}
    return list_inbound_messages({strip_extension(phone) for phone in phones}, MAX_TEXTS)
