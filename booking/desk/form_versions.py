"""The version a form is shown at, by what it is about; asked again under the row's lock."""

from collections.abc import Sequence
from typing import Any

from flask import request

from booking.adaptive.queries import find_open_proposal, find_order
from booking.appointments.models import Appointment
from booking.appointments.queries import list_appointments_of_patient
from booking.db.idempotency import canonical_digest
from booking.db.versions import column_values, lock_row, require_version
from booking.desk.blueprint import blueprint
from booking.extensions import Model
from booking.messaging.conversations import find_text, list_text_ids
from booking.messaging.models import InboundMessage
from booking.mood.queries import find_schedule
from booking.numbers import parse_number
from booking.patients.models import Patient
from booking.patients.queries import find_newest_consent_id, get_patient
from booking.reminders.conversations import get_conversation_state
from booking.reminders.message_history import list_appointment_messages
from booking.screening import flags
from booking.screening import operations as screening
from booking.screening.models import Flag
from booking.series.authorisation_records import list_authorisations
from booking.series.models import InfusionSeries, Session
from booking.series.queries import get_series, list_series_statuses, list_sessions
from booking.series.template_operations import lock_template
from booking.series.template_queries import find_draft, find_newest_version, find_open_retirement
from booking.waitlist.queries import find_waiting_entry

FIELD = "shown_version"
LENGTH = 16  # hexadecimal digits of a digest: nobody gains by a collision
UNSHOWN_COLUMNS = {"next_look_at", "plan_again_at"}  # changed by the scheduler, and shown nowhere


def row_version(row: Model) -> str:
    """Return the version of a row: its own count where it has one, else a digest of what it holds."""
    if isinstance(row, Appointment):
        return str(row.version)
    return _digest(_values(row))


def series_version(series_id: int) -> str:
    """Return the version of a series with its sessions and their times."""
    series = get_series(series_id)
    sessions = [
        [
            session.session.id,
            session.session.state,
            session.appointment and [session.appointment.starts_at, session.appointment.status],
        ]
        for session in list_sessions(series_id)
    ]
    return _digest([_values(series), sessions])


def mood_version(series_id: int) -> str:
    """Return the version of a series with the order to ask for forms, if one is switched on."""
    schedule = find_schedule(series_id)
    return _digest([series_version(series_id), schedule and schedule.id])


def authorisation_version(series_id: int) -> str:
    """Return the version of what is authorised for a series."""
    rows = list_authorisations(series_id)
    return _digest([series_id, [_values(row) for row in rows]])


def template_version(slug: str) -> str:
    """Return the version of a template with its draft; of one that is not there yet, nothing."""
    newest, draft = find_newest_version(slug), find_draft(slug)
    retirement = find_open_retirement(slug)
    return _digest(
        [
            newest and [newest.id, newest.active],
            draft and _values(draft),
            retirement and retirement.id,
        ]
    )


def spacing_version(series_id: int) -> str:
    """Return the version of a series with the rule for its spacing, and what is proposed by it."""
    order, proposal = find_order(series_id), find_open_proposal(series_id)
    return _digest([series_version(series_id), order and order.id, proposal and proposal.id])


def treatment_version(patient_id: int) -> str:
    """Return the version of what decides about a patient's treatment: findings, flags, series."""
    finding = screening.newest_finding(patient_id)
    open_flags = [[flag.id, flag.is_verified] for flag in flags.list_open_flags(patient_id)]
    series = list_series_statuses(patient_id)
    return _digest([finding and finding.id, open_flags, series])


def contact_version(patient: Patient) -> str:
    """Return the version of who a patient is, how to reach them, and what they agreed to."""
    return _digest([_values(patient), find_newest_consent_id(patient.id)])


def merge_version(survivor_id: int, other_id: int) -> str:
    """Return the version of two records with all that decides whether, and as what, they become one."""
    return _digest(
        [
            [contact_version(get_patient(patient_id)), treatment_version(patient_id)]
            + [[each.id, each.version] for each in list_appointments_of_patient(patient_id)]
            for patient_id in (survivor_id, other_id)
        ]
    )


def require_merge_version(survivor_id: int, other_id: int) -> None:
    """Lock two patients; raise `StaleVersion` unless they are as the form showed them."""
    for patient_id in sorted((survivor_id, other_id)):
        lock_row(Patient, patient_id)
    require_version(merge_version(survivor_id, other_id), submitted_version())


def messages_version(appointment: Appointment) -> str:
    """Return the version of an appointment with what became of the messages about it."""
    messages = [[each.id, each.status] for each in list_appointment_messages(appointment)]
    return _digest([appointment.id, appointment.version, messages])


def waitlist_version(appointment: Appointment) -> str:
    """Return the version of an appointment with what its patient waits for."""
    entry = find_waiting_entry(appointment.id)
    return _digest([appointment.version, entry and [entry.id, entry.wish]])


def require_waitlist_version(appointment_id: int) -> None:
    """Lock an appointment; raise `StaleVersion` unless it and its entry are as the form showed them."""
    appointment = lock_row(Appointment, appointment_id)
    require_version(waitlist_version(appointment), submitted_version())


def require_row_version(table: type[Flag] | type[Model], row_id: int) -> None:
    """Lock a row; raise `StaleVersion` unless it is as the form showed it."""
    row = lock_row(table, row_id)
    require_version(row_version(row), submitted_version())


def require_series_version(series_id: int) -> None:
    """Lock a series; raise `StaleVersion` unless it is as the form showed it."""
    lock_row(InfusionSeries, series_id)
    require_version(series_version(series_id), submitted_version())


def require_mood_version(series_id: int) -> None:
    """Lock a series; raise `StaleVersion` unless it, and what is asked for, are as the form showed them."""
    lock_row(InfusionSeries, series_id)
    require_version(mood_version(series_id), submitted_version())


def require_authorisation_version(series_id: int) -> None:
    """Lock a series; raise `StaleVersion` unless its authorisations are as the form showed them."""
    lock_row(InfusionSeries, series_id)
    require_version(authorisation_version(series_id), submitted_version())


def require_spacing_version(series_id: int) -> None:
    """Lock a series; raise `StaleVersion` unless it, its rule and what is proposed are as the form showed."""
    lock_row(InfusionSeries, series_id)
    require_version(spacing_version(series_id), submitted_version())


def require_session_version(session_id: int) -> None:
    """Lock a session, then its series; raise `StaleVersion` unless they are as the form showed them."""
    session = lock_row(Session, session_id)
    require_series_version(session.series_id)


def require_template_version(slug: str) -> None:
    """Lock a template; raise `StaleVersion` unless it and its draft are as the form showed them."""
    lock_template(slug)
    require_version(template_version(slug), submitted_version())


def require_treatment_version(patient_id: int) -> None:
    """Lock a patient; raise `StaleVersion` unless findings, flags and series are as shown."""
    lock_row(Patient, patient_id)
    require_version(treatment_version(patient_id), submitted_version())


def require_contact_version(patient_id: int) -> None:
    """Lock a patient; raise `StaleVersion` unless details and consent are as the form showed them."""
    patient = lock_row(Patient, patient_id)
    require_version(contact_version(patient), submitted_version())


def conversation_version(phone: str) -> str:
    """Return the version of the conversation with a number."""
    state = get_conversation_state(phone)
    return _digest([phone, state.inbound_id, state.unread_count, state.outbound_id])


def require_conversation_version(text_id: int) -> None:
    """Lock a conversation by its first text; raise `StaleVersion` unless it is as the form showed it."""
    text = find_text(text_id)
    phone = text.sender if text else ""
    for first_id in list_text_ids(phone)[:1]:
        lock_row(InboundMessage, first_id)
    require_version(conversation_version(phone), submitted_version())


def submitted_version() -> str | None:
    """Return the version that the form was shown at; None when the request is no form of ours."""
    return request.form.get(FIELD)


def submitted_appointment_version() -> int | None:
    """Return the version of the appointment that the form was shown at; what is no number is outdated."""
    version = submitted_version()
    if version is None:
        return None
    number = parse_number(version)
    return -1 if number is None else number


def _values(row: Model) -> Sequence[Any]:
    return [
        [name, value] for name, value in column_values(row).items() if name not in UNSHOWN_COLUMNS
    ]


def _digest(values: Any) -> str:
    return canonical_digest(values)[:LENGTH]


blueprint.add_app_template_filter(row_version)
for _version in (
    series_version,
    mood_version,
    spacing_version,
    authorisation_version,
    template_version,
    treatment_version,
    contact_version,
    merge_version,
    waitlist_version,
    messages_version,
    conversation_version,
):
    blueprint.add_app_template_global(_version)
