"""Lists of the desk as files for spreadsheets; who saves one is on the trail, like who looks at one."""

from zoneinfo import ZoneInfo

from flask import Response, abort, request
from flask_login import current_user

from booking import clock
from booking.access import Access, access
from booking.calendars import availability
from booking.desk.blueprint import blueprint
from booking.desk.day.day_view import AppointmentDetails, read_day_view
from booking.desk.day.views import get_location_or_404, last_used_location, parse_date_or_404
from booking.desk.patients.search import MAX_RESULTS, list_matching_patients
from booking.desk.series.summaries import SeriesSession, summarize_series
from booking.desk.tasks.views import MINE
from booking.desk.words import (
    format_service_name,
    format_session_state,
    format_status,
    format_task,
    format_task_owner,
)
from booking.patients.models import Patient
from booking.series.queries import find_series
from booking.staff.queries import get_staff_names
from booking.tasks import operations as tasks
from booking.tasks.models import Owner
from booking.web.spreadsheets import Cell, build_csv_download

DAY_HEADER = (
    "start",
    "end",
    "reference",
    "patient",
    "birth_date",
    "phone",
    "service",
    "status",
    "where",
)
PATIENT_HEADER = ("id", "family_name", "given_name", "birth_date", "phone", "email")
TASK_HEADER = ("due", "what", "owner", "taken_by", "about")
SESSION_HEADER = ("number", "phase", "start", "location", "days_since_the_last", "state")


@blueprint.get("/day/<location>/<local_date>/list.csv")
@access(Access.STAFF)
def download_day(location: str, local_date: str) -> Response:
    """Give a day's list as a file."""
    calendar, day = get_location_or_404(location), parse_date_or_404(local_date)
    sheet = read_day_view(calendar, day, clock.now())
    rows = [_day_cells(details, calendar.zone) for details in sheet.appointments.values()]
    return build_csv_download(f"{calendar.slug}-{day.isoformat()}", DAY_HEADER, rows)


@blueprint.get("/patients/list.csv")
@access(Access.STAFF)
def download_patients() -> Response:
    """Give the patients that a search finds as a file."""
    rows = [
        _patient_cells(patient)
        for patient in list_matching_patients(request.args.get("q", ""), MAX_RESULTS)
    ]
    return build_csv_download("patients", PATIENT_HEADER, rows)


@blueprint.get("/tasks/list.csv")
@access(Access.STAFF)
def download_tasks() -> Response:
    """Give what is to do as a file: all, one owner's, or one's own."""
    owner, zone = request.args.get("owner", ""), last_used_location().zone
    rows = [
        task
        for task in tasks.list_open_tasks()
        if owner not in [*Owner, MINE]
        or task.owner == owner
        or (owner == MINE and task.assigned_to_id == current_user.id)
    ]
    names = get_staff_names({task.assigned_to_id for task in rows if task.assigned_to_id})
    cells: list[list[Cell]] = [
        [
            task.due_at.astimezone(zone).isoformat(),
            format_task(task.kind),
            format_task_owner(task.owner),
            names.get(task.assigned_to_id or 0),
            f"{task.subject_kind} {task.subject_id}",
        ]
        for task in rows
    ]
    return build_csv_download("tasks", TASK_HEADER, cells)


@blueprint.get("/series/<int:series_id>/sessions.csv")
@access(Access.STAFF)
def download_sessions(series_id: int) -> Response:
    """Give the sessions of a series as a file."""
    summary = summarize_series(find_series(series_id) or abort(404))
    rows = [_session_cells(each) for each in summary.sessions]
    return build_csv_download(f"series-{series_id}", SESSION_HEADER, rows)


def _session_cells(row: SeriesSession) -> list[Cell]:
    session, appointment = row.scheduled.session, row.scheduled.appointment
    start, location = None, None
    if appointment is not None:
        calendar = availability.current_catalogue().locations_by_id[appointment.location_id]
        start, location = appointment.starts_at.astimezone(calendar.zone).isoformat(), calendar.name
    state = format_session_state(session.state)
    return [session.number, row.phase, start, location, row.gap, state]


def _day_cells(details: AppointmentDetails, zone: ZoneInfo) -> list[Cell]:
    appointment, patient = details.appointment, details.patient
    local = [at.astimezone(zone).isoformat() for at in (appointment.starts_at, appointment.ends_at)]
    return [
        *local,
        appointment.reference,
        patient.listed_name,
        patient.birth_date.isoformat(),
        details.contact.phone,
        format_service_name(appointment.service_id),
        format_status(appointment.status),
        ", ".join(resource.name for resource in details.resources),
    ]


def _patient_cells(patient: Patient) -> list[Cell]:
    names = [patient.family_name, patient.given_name]
    return [patient.id, *names, patient.birth_date.isoformat(), patient.phone, patient.email]
