"""Two records beside each other: what stands in each, what is chosen between, and what moves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from booking.appointments.models import Appointment
from booking.appointments.queries import list_appointments_of_patient
from booking.appointments.rules import OCCUPYING_STATES
from booking.desk.patients.changes import format_value
from booking.desk.series.summaries import list_series_summaries
from booking.desk.words import format_patient_field, format_series_status
from booking.locations import operations as locations
from booking.merging.rules import CHOOSABLE, list_conflicting_fields, merge_values
from booking.messaging.opt_outs import is_opted_out
from booking.patients import editing
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.rules import strip_extension
from booking.screening import flags
from booking.web.formats import format_dated_day, format_local_time


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One line of the page: what each record says; `field` where staff choose which one counts."""

    label: str
    survivor: str
    other: str
    field: str = ""
    becomes: str = ""  # where nobody chooses

    @property
    def differs(self) -> bool:
        """Tell whether the records say the same."""
        return self.survivor != self.other


def compare_records(survivor: Patient, other: Patient, now: datetime) -> list[ComparedLine]:
    """Return the lines of the page, who they are first."""
    return [
        *_list_fields(survivor, other),
        *_list_rules(survivor, other),
        *_list_counts(survivor, other, now),
    ]


def _list_fields(survivor: Patient, other: Patient) -> list[ComparedLine]:
    values, others = editing.list_values(survivor), editing.list_values(other)
    chosen = list_conflicting_fields(values, others)
    merged = merge_values(values, others, ())
    return [
        ComparedLine(
            format_patient_field(name),
            format_value(name, values[name]),
            format_value(name, others[name]),
            name if name in chosen else "",
            format_value(name, merged[name]),
        )
        for name in (*CHOOSABLE, "safe_to_text", "leave_voicemail")
    ]


def _list_rules(survivor: Patient, other: Patient) -> list[ComparedLine]:
    return [
        ComparedLine(
            str(_("Texts")),
            _describe_texts(survivor),
            _describe_texts(other),
            becomes=str(_("No, for a number that either declined or that said STOP.")),
        )
    ]


def _describe_texts(patient: Patient) -> str:
    if patient.phone is None:
        return str(_("no number"))
    if is_opted_out(strip_extension(patient.phone)):
        return str(_("said STOP"))
    has_consent = patients.has_text_consent(patient.id, patient.phone)
    return str(_("agreed") if has_consent else _("not agreed"))


def _list_counts(survivor: Patient, other: Patient, now: datetime) -> list[ComparedLine]:
    stays = str(_("All of both"))
    describe: Sequence[tuple[str, Callable[[Patient], str]]] = (
        (str(_("Next visit")), lambda patient: _describe_next(patient, now)),
        (str(_("Visits")), lambda patient: str(len(list_appointments_of_patient(patient.id)))),
        (str(_("Infusion series")), _describe_series),
        (str(_("Open flags")), lambda patient: str(len(flags.list_open_flags(patient.id)))),
    )
    return [
        ComparedLine(label, text(survivor), text(other), becomes=stays) for label, text in describe
    ]


def _describe_next(patient: Patient, now: datetime) -> str:
    upcoming = [
        each
        for each in list_appointments_of_patient(patient.id)
        if each.status in OCCUPYING_STATES and each.ends_at > now
    ]
    return describe_appointment(upcoming[-1]) if upcoming else str(_("none"))


def describe_appointment(appointment: Appointment) -> str:
    """Return when and where an appointment is."""
    location = locations.get_location(appointment.location_id)
    at = format_local_time(appointment.starts_at, location.time_zone)
    return f"{format_dated_day(appointment.local_date)}, {at}, {location.name}"


def _describe_series(patient: Patient) -> str:
    statuses = [each.series.status for each in list_series_summaries(patient.id)]
    return ", ".join(format_series_status(status) for status in statuses) or str(_("none"))
