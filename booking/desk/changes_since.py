"""What happened to the subject of a form after the form was shown, and who did it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext as _

from booking.appointments.queries import find_appointment
from booking.audit.models import AuditEntry
from booking.audit.queries import list_latest_entries
from booking.audit.rules import parse_staff_actor
from booking.calendars import availability
from booking.desk.day.views import last_used_location
from booking.series.queries import find_session, list_sessions
from booking.series.template_queries import find_draft, list_versions
from booking.staff.queries import get_staff_names
from booking.web.form_keys import submitted_form_key
from booking.web.formats import format_local_time, format_short_day

Subject = tuple[str, int]
MAX_CHANGES = 3  # changes told of, the latest
# What a page's address says it is about.
KINDS = {
    "patient_id": "patient",
    "appointment_id": "appointment",
    "session_id": "session",
    "series_id": "infusion_series",
    "task_id": "task",
    "flag_id": "flag",
    "message_id": "message",
    "other_id": "patient",
}


def describe_changes_since() -> list[str]:
    """Return what changed since the form that was sent was shown, a sentence each, the latest last."""
    form = submitted_form_key()
    if form is None:
        return []
    words = _words()
    entries = list_latest_entries(_subjects(), words, form.shown_at, MAX_CHANGES)
    names = get_staff_names(
        {number for entry in entries if (number := parse_staff_actor(entry.actor))}
    )
    return [_sentence(entry, words[entry.action], names) for entry in entries]


def _subjects() -> set[Subject]:
    numbers = request.view_args or {}
    subjects = _subjects_of_template(numbers.get("template_slug", ""))
    subjects |= {(kind, numbers[name]) for name, kind in KINDS.items() if name in numbers}
    session = find_session(numbers.get("session_id", 0))
    series_id = session.series_id if session else numbers.get("series_id")
    if series_id is not None:
        subjects.add(("infusion_series", series_id))
        for scheduled in list_sessions(series_id):
            subjects.add(("session", scheduled.session.id))
            subjects |= (
                {("appointment", scheduled.appointment.id)} if scheduled.appointment else set()
            )
    return subjects


def _subjects_of_template(slug: str) -> set[Subject]:
    draft = find_draft(slug) if slug else None
    versions = list_versions(slug) if slug else []
    of_draft = {("template_draft", draft.id)} if draft else set()
    return {("schedule_template", version.id) for version in versions} | of_draft


def _sentence(entry: AuditEntry, action: str, names: dict[int, str]) -> str:
    zone = _zone_of(entry)
    at = (
        f"{format_short_day(entry.at.astimezone(zone).date())}, {format_local_time(entry.at, zone)}"
    )
    name = _who(entry.actor, names)
    if {"from", "to"} <= entry.facts.keys():
        return str(
            _(
                "%(what)s from %(old)s to %(new)s (%(who)s, %(at)s)",
                what=action,
                old=_when(entry.facts["from"], zone),
                new=_when(entry.facts["to"], zone),
                who=name,
                at=at,
            )
        )
    return str(_("%(what)s (%(who)s, %(at)s)", what=action, who=name, at=at))


def _when(text: str, zone: ZoneInfo) -> str:
    instant = datetime.fromisoformat(text)
    return (
        f"{format_short_day(instant.astimezone(zone).date())}, {format_local_time(instant, zone)}"
    )


def _zone_of(entry: AuditEntry) -> ZoneInfo:
    appointment = None
    if entry.subject_kind == "appointment":
        appointment = find_appointment(entry.subject_id)
    locations = availability.current_catalogue().locations_by_id
    return locations[appointment.location_id].zone if appointment else last_used_location().zone


def _who(actor: str, names: dict[int, str]) -> str:
    names_by_kind: dict[str, str] = {
        "online": _("the patient, online"),
        "api": _("the patient, online"),
        "text": _("the patient, by text"),
    }
    if (number := parse_staff_actor(actor)) is not None:
        return names.get(number) or str(_("a former colleague"))
    return names_by_kind.get(actor) or str(_("the service"))


def _words() -> dict[str, str]:
    return {
        "move": _("Moved"),
        "change_length": _("How long it takes was changed"),
        "cancel": _("Cancelled"),
        "confirm": _("Confirmed"),
        "check_in": _("Checked in"),
        "fulfil": _("Outcome recorded"),
        "mark_no_show": _("Marked as a no-show"),
        "correct_outcome": _("The outcome was corrected"),
        "undo": _("Undone"),
        "place_session": _("A session was booked"),
        "book_series": _("The series was booked"),
        "stop_series": _("The series was stopped"),
        "apply_spacing": _("A proposed spacing was applied"),
        "decline_spacing": _("A proposed spacing was declined"),
        "set_spacing_rule": _("The rule for the spacing was set"),
        "pause_series": _("A pause was ordered"),
        "resume_series": _("It was decided how the series goes on"),
        "change_frequency": _("The frequency was changed"),
        "set_series_end": _("The end of the series was set"),
        "prescribe": _("A series was prescribed"),
        "record_finding": _("A finding was recorded"),
        "raise_flag": _("A flag was raised"),
        "clear_flag": _("A flag was cleared"),
        "accept_flag": _("A flag was accepted"),
        "finish_task": _("The task was done"),
        "settle_task": _("The task has become needless"),
        "send_now": _("Sent at once"),
        "resend": _("Sent again"),
        "change_phases": _("The phases were changed"),
        "save_draft": _("The draft was saved"),
        "sign_template": _("A version was signed"),
        "retire_template": _("The template was retired"),
        "reinstate_template": _("The template was offered again"),
        "merge_patients": _("Another record was merged into this one"),
        "undo_merge": _("A merge was undone"),
        "edit_patient": _("Details were corrected"),
        "join_waitlist": _("Put on the waitlist"),
        "change_wish": _("What they wait for was changed"),
        "leave_waitlist": _("Taken off the waitlist"),
        "record_consent": _("The answer about texts was recorded"),
    }
