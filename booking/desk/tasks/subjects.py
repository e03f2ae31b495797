"""What tasks are about: a name, a link, a number to call, and what the person wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from booking import clock
from booking.appointments.impossible import (
    Impossibles,
    list_impossible_appointments,
)
from booking.appointments.models import Appointment, PatientNote
from booking.appointments.queries import list_patients_by_phone
from booking.busy_calendars.rules import ReadFailure
from booking.calendars import availability
from booking.db.rows import get_rows_by_id
from booking.desk.message_words import format_text
from booking.desk.people.calendar_words import explain_read_failure
from booking.desk.series.words import explain_review
from booking.desk.tasks.gap_words import explain_gap_limit
from booking.desk.tasks.other_subjects import TaskSubject, describe_other_subject
from booking.extensions import Model
from booking.locations import operations as locations
from booking.locations.models import Location
from booking.messaging.models import InboundMessage, Message
from booking.mood.models import MoodForm
from booking.outages.models import OutageCase
from booking.patients.models import CallRequest, Patient
from booking.patients.queries import get_patients_by_id
from booking.series.models import InfusionSeries, Session
from booking.staff.models import Staff
from booking.tasks.models import Task, TaskKind
from booking.webhooks.models import WebhookEndpoint

TABLES: dict[str, type[Model]] = {
    "appointment": Appointment,
    "call_request": CallRequest,
    "inbound": InboundMessage,
    "infusion_series": InfusionSeries,
    "message": Message,
    "mood_form": MoodForm,
    "outage_case": OutageCase,
    "patient": Patient,
    "patient_note": PatientNote,
    "series": InfusionSeries,
    "session": Session,
    "webhook_endpoint": WebhookEndpoint,
    "staff": Staff,
}


@dataclass(frozen=True, slots=True)
class SubjectData:
    """Everything read for the tasks of a page, by id."""

    rows: dict[tuple[str, int], Model]
    series: dict[int, InfusionSeries]
    patients: dict[int, Patient]
    by_phone: dict[str, list[Patient]]
    locations: dict[int, Location]
    impossible: Impossibles


def subjects_by_task(tasks: Sequence[Task]) -> dict[int, TaskSubject]:
    """Return, by task id, what each task is about, in a fixed number of queries."""
    subject = _read(tasks)
    return {task.id: _of_task(task, subject) for task in tasks}


def _of_task(task: Task, subject: SubjectData) -> TaskSubject:
    task_subject = _subject(subject.rows.get((task.subject_kind, task.subject_id)), subject)
    if task.kind is TaskKind.REVIEW_SERIES:
        return replace(task_subject, reason=explain_review(task.details.get("why", "")))
    if task.kind is TaskKind.CALENDAR_UNREAD:
        return replace(task_subject, reason=explain_read_failure(ReadFailure(task.details["why"])))
    if task.kind in (TaskKind.GAP_LIMIT, TaskKind.GAP_EXCEEDED):
        return replace(task_subject, reason=explain_gap_limit(task))
    return task_subject


def _read(tasks: Sequence[Task]) -> SubjectData:
    rows: dict[tuple[str, int], Model] = {}
    for kind, table in TABLES.items():
        ids = {task.subject_id for task in tasks if task.subject_kind == kind}
        rows |= {(kind, key): row for key, row in get_rows_by_id(table, ids).items()}
    rows |= _appointments_of_notes(rows)
    patient_subject = list(rows.values())
    series_ids = {row.series_id for row in patient_subject if isinstance(row, Session | MoodForm)}
    series = get_rows_by_id(InfusionSeries, series_ids)
    series |= {row.id: row for row in patient_subject if isinstance(row, InfusionSeries)}
    patient_ids = {row.patient_id or 0 for row in patient_subject if isinstance(row, Appointment)}
    patient_ids |= {row.patient_id for row in series.values()}
    patient_ids |= {row.id for row in patient_subject if isinstance(row, Patient)}
    return SubjectData(
        rows,
        series,
        get_patients_by_id(patient_ids),
        list_patients_by_phone(
            {row.sender for row in patient_subject if isinstance(row, InboundMessage)}
        ),
        locations.get_all_locations(),
        list_impossible_appointments(
            availability.current_catalogue(),
            clock.now(),
            [row.id for row in patient_subject if isinstance(row, Appointment)],
        ),
    )


def _appointments_of_notes(
    rows: Mapping[tuple[str, int], Model],
) -> dict[tuple[str, int], Model]:
    ids = {row.appointment_id for row in rows.values() if isinstance(row, PatientNote)}
    return {("appointment", key): row for key, row in get_rows_by_id(Appointment, ids).items()}


def _subject(row: Model | None, subject: SubjectData) -> TaskSubject:
    patient_subject = TaskSubject()
    match row:
        case CallRequest():
            patient_subject = _of_request(row, subject)
        case Appointment() | PatientNote():
            patient_subject = _of_appointment_or_note(row, subject)
        case InfusionSeries():
            patient_subject = _of_series(row, subject)
        case Session() | MoodForm():
            patient_subject = _of_part(row, subject)
        case Patient():
            patient_subject = _of_patient(row)
        case InboundMessage():
            patient_subject = _of_text(row, subject)
        case Message() | OutageCase() | Staff() | WebhookEndpoint():
            patient_subject = describe_other_subject(row)
    return patient_subject


def _of_request(request: CallRequest, subject: SubjectData) -> TaskSubject:
    location = subject.locations.get(request.location_id or 0)
    return TaskSubject(
        name=request.name,
        phone=request.phone,
        quote=request.note,
        at=request.wanted_start,
        zone=location.time_zone if location else None,
        location=location.name if location else "",
    )


def _of_appointment(appointment: Appointment, subject: SubjectData) -> TaskSubject:
    location = subject.locations[appointment.location_id]
    patient_subject = _of_patient(subject.patients.get(appointment.patient_id or 0))
    link = url_for("desk.show_appointment", appointment_id=appointment.id)
    impossible = subject.impossible.get(appointment.id)
    # The local time that was promised
    zone = appointment.time_zone if impossible else location.time_zone
    return replace(
        patient_subject, link=link, at=appointment.starts_at, zone=zone, location=location.name,
        impossible=impossible, appointment_id=appointment.id,
    )  # fmt: skip


def _of_appointment_or_note(row: Appointment | PatientNote, subject: SubjectData) -> TaskSubject:
    if isinstance(row, Appointment):
        return _of_appointment(row, subject)
    appointment = subject.rows["appointment", row.appointment_id]
    assert isinstance(appointment, Appointment)  # noqa: S101 - read under that kind
    return replace(_of_appointment(appointment, subject), quote=row.body)


def _of_patient(patient: Patient | None) -> TaskSubject:
    if patient is None:
        return TaskSubject()
    return TaskSubject(
        patient.display_name,
        url_for("desk.show_patient", patient_id=patient.id),
        patient.phone,
        patient=patient,
        details=url_for("desk.edit_details", patient_id=patient.id),
    )


def _of_series(
    series: InfusionSeries, subject: SubjectData, session: int | None = None
) -> TaskSubject:
    patient_subject = _of_patient(subject.patients.get(series.patient_id))
    anchor = f"series-{series.id}"
    link = url_for("desk.show_patient", patient_id=series.patient_id, _anchor=anchor)
    return replace(patient_subject, link=link, session=session)


def _of_part(part: Session | MoodForm, subject: SubjectData) -> TaskSubject:
    """Of a session, its number; of a form, why somebody is told: its answers are a practitioner's to read."""
    series = subject.series[part.series_id]
    if isinstance(part, Session):
        return _of_series(series, subject, part.number)
    patient_subject = _of_series(series, subject)
    link = url_for("desk.show_mood_forms", series_id=series.id)
    return replace(
        patient_subject,
        link=link if current_user.may_decide else patient_subject.link,
        reason=str(_("Says in a form that they think of death or of hurting themselves")),
    )


def _of_text(text: InboundMessage, subject: SubjectData) -> TaskSubject:
    """A number may reach several people: then the search by it is the link."""
    owners = subject.by_phone.get(text.sender, [])
    link = url_for("desk.patients", q=text.sender)
    if len(owners) == 1:
        link = url_for("desk.show_patient", patient_id=owners[0].id)
    name = ", ".join(patient.display_name for patient in owners)
    patient = owners[0] if len(owners) == 1 else None
    return TaskSubject(
        name, link if owners else None, text.sender, patient, quote=format_text(text)
    )
