"""Making the demo clinic, once; a second run keeps what was booked."""

from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select

from booking.appointments.queries import list_upcoming_appointments
from booking.calendars import availability
from booking.clinic.operations import DeskChangesConflict, load_clinic
from booking.db.transactions import transaction
from booking.demo.patients import fill
from booking.extensions import db
from booking.mood.models import MoodForm
from booking.mood.operations import get_patient_of_form
from booking.reminders.models import Heartbeat
from booking.staff import operations as staff
from booking.staff.invitations import find_open_invitation
from booking.staff.models import Staff
from booking.staff.password_changes import set_password

CLINIC_FILE = Path(__file__).with_name("clinic.toml")
PASSWORD = "quiet lanterns over the mesa"  # noqa: S105 - printed when the demo starts
ACTOR = "demo"


def prepare(now: datetime) -> bool:
    """Load the demo's clinic file, and the first time fill the calendar; tell whether it was that.

    All of it or nothing: one that was interrupted begins again. What was changed at its desk stays.
    """
    is_new = not availability.current_catalogue().locations
    if is_new:
        _make_clinic(now)
    else:
        with suppress(DeskChangesConflict):
            load_clinic(CLINIC_FILE.read_text(), now, ACTOR)
        _set_missing_passwords(now)
    return is_new


@transaction()
def _make_clinic(now: datetime) -> None:
    load_clinic(CLINIC_FILE.read_text(), now, ACTOR)
    _set_missing_passwords(now)
    fill(now)


def _set_missing_passwords(now: datetime) -> None:
    """Let everybody of the clinic file sign in; who was invited at the desk chooses a password there."""
    for person in staff.list_active_staff():
        if person.password_hash is None and find_open_invitation(person.id, now) is None:
            set_password(person.email, PASSWORD, now, ACTOR)


def sign_ins() -> list[Staff]:
    """Return who can sign in at the demo's desk, one of each role."""
    by_role = {person.role: person for person in reversed(staff.list_active_staff())}
    return list(by_role.values())


def find_open_form(now: datetime) -> tuple[str, str, date] | None:
    """Return the tokens of an open form and of its patient's next visit, and birth date; None without."""
    form = db.session.scalar(
        select(MoodForm).filter_by(answered_at=None).where(MoodForm.expires_at > now).limit(1)
    )
    if form is None:
        return None
    patient = get_patient_of_form(form)
    coming = list_upcoming_appointments([patient.id], now)
    return (form.token, coming[0].token, patient.birth_date) if coming else None


def has_beaten(pid: int, since: datetime) -> bool:
    """Tell whether the scheduler that runs as this process has finished a tick since then.

    A heartbeat left by an earlier run, or by another scheduler, counts for nothing.
    """
    beats = select(Heartbeat.worker).where(Heartbeat.at >= since)
    return any(worker.endswith(f"-{pid}") for worker in db.session.scalars(beats))
