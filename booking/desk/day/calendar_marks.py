"""What the desk should see beside an appointment in the calendar, as short words with their kind."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.appointments import queries
from booking.appointments.announcements import lateness_by_appointment, notes_by_appointment
from booking.appointments.calendar_entries import CalendarEntry
from booking.appointments.impossible import list_impossible_appointments
from booking.appointments.readiness import readiness_by_appointment
from booking.appointments.rules import CALL_IF_LATE, Status
from booking.calendars import availability
from booking.screening import flags


@dataclass(frozen=True, slots=True)
class Mark:
    """A short word beside an appointment; `kind` is a class of desk.css that begins with `mark-`."""

    kind: str
    text: str


ListMarks = Callable[[CalendarEntry], Sequence[Mark]]


def read_marks(entries: Collection[CalendarEntry], now: datetime) -> ListMarks:
    """Read what there is to be seen of these appointments, by a fixed number of queries."""
    ids = [entry.id for entry in entries]
    patients = {entry.patient.id: entry.patient for entry in entries if entry.patient}
    impossibles = list_impossible_appointments(availability.current_catalogue(), now, ids)
    lateness, readiness = lateness_by_appointment(ids), readiness_by_appointment(ids)
    notes = notes_by_appointment(ids)
    open_flags = flags.open_flags_by_patient(list(patients.values()))
    first = queries.first_start_by_patient(patients.keys())

    def list_marks(entry: CalendarEntry) -> Sequence[Mark]:
        patient_id = entry.patient.id if entry.patient else None
        minutes = lateness.get(entry.id) if entry.status is Status.BOOKED else None
        answer = readiness.get(entry.id)
        marks = [
            (entry.id in impossibles, "flag", _("Can't take place")),
            (minutes, "late", _late(minutes or 0)),
            (entry.suspended_at, "suspended", _("Suspended")),
            (flag_count := len(open_flags.get(patient_id or 0, ())), "flag", _flags(flag_count)),
            (answer and not answer.is_ready, "flag", _("Not ready")),
            (answer and answer.is_ready, "ready", _("Ready")),
            (entry.id in notes, "first", _("Note")),
            (first.get(patient_id or 0) == entry.starts_at, "first", _("First visit")),
        ]
        return [Mark(kind, str(text)) for applies, kind, text in marks if applies]

    return list_marks


def _late(minutes: int) -> str:
    return str(
        _("%(minutes)s min late", minutes=f"{minutes}+" * (minutes >= CALL_IF_LATE) or minutes)
    )


def _flags(count: int) -> str:
    return str(ngettext("%(num)d flag", "%(num)d flags", count))
