"""Codes as the desk reads them."""

from datetime import date, datetime

from babel.dates import format_date
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from booking.appointments.rules import Outcome, Status
from booking.calendars import availability
from booking.calendars.misfits import MisfitReason
from booking.clock import local_date
from booking.desk.blueprint import blueprint
from booking.screening.models import FlagKind
from booking.screening.rules import Clearance, Finding
from booking.series.progress import SeriesStatus, SessionState
from booking.tasks.models import Owner, TaskKind
from booking.web.formats import format_short_day


def format_status(status: Status) -> str:
    """Return the state of an appointment in a word."""
    words: dict[Status, str] = {
        Status.PENDING: _("Held"),
        Status.BOOKED: _("Booked"),
        Status.ARRIVED: _("Arrived"),
        Status.FULFILLED: _("Fulfilled"),
        Status.CANCELLED: _("Cancelled"),
        Status.NOSHOW: _("No-show"),
    }
    return words[status]


def format_outcome(outcome: Outcome) -> str:
    """Return what became of a kept appointment."""
    words: dict[Outcome, str] = {
        Outcome.TREATED: _("Treated"),
        Outcome.STOPPED_EARLY: _("Stopped early"),
        Outcome.NO_RIDE: _("Not treated: no ride home"),
        Outcome.HAD_EATEN: _("Not treated: had eaten"),
        Outcome.BLOOD_PRESSURE: _("Not treated: blood pressure"),
        Outcome.DECLINED: _("Not treated: declined"),
        Outcome.SEEN: _("Seen"),
    }
    return words[outcome]


def format_finding(finding: Finding) -> str:
    """Return a practitioner's finding."""
    words: dict[Finding, str] = {
        Finding.UNDECIDED: _("Undecided"),
        Finding.DEFERRED: _("Deferred"),
        Finding.SUITABLE: _("Suitable"),
        Finding.DECLINED: _("Declined"),
        Finding.NOT_SUITABLE: _("Not suitable"),
    }
    return words[finding]


def format_next_step(finding: Finding) -> str:
    """Return what follows from a finding; it is told by a person, never by text or page."""
    words: dict[Finding, str] = {
        Finding.UNDECIDED: _("Decide after another look; nothing is booked until then."),
        Finding.DEFERRED: _("Look again later; nothing is booked until then."),
        Finding.SUITABLE: _("A series can be prescribed."),
        Finding.DECLINED: _("The patient does not want treatment now. A practitioner closes it."),
        Finding.NOT_SUITABLE: _("A practitioner tells the patient in person, with other ways."),
    }
    return words[finding]


def explain_clearance(clearance: Clearance) -> str:
    """Return whether infusions may be given, or what stands in the way and what to do.

    What a practitioner found is said to clinicians only.
    """
    if clearance is Clearance.FINDING_SAYS_NO and not current_user.reads_clinical:
        return str(_("Not cleared for infusions: a practitioner decides."))
    words: dict[Clearance, str] = {
        Clearance.CLEARED: _("Cleared for infusions."),
        Clearance.NO_FINDING: _(
            "Not cleared for infusions: a practitioner has to record a finding first."
        ),
        Clearance.FINDING_SAYS_NO: _(
            "Not cleared for infusions: the practitioner's finding is no."
        ),
        Clearance.EXPIRED: _(
            "Not cleared for infusions: the finding is no longer valid then. A practitioner has to "
            "look again."
        ),
        Clearance.FLAG_OPEN: _("Not cleared for infusions: a practitioner has to clear a flag."),
        Clearance.MINOR: _("Not cleared for infusions: the clinic treats adults only."),
    }
    return words[clearance]


def format_flag(kind: FlagKind) -> str:
    """Return what a flag asks for."""
    words: dict[FlagKind, str] = {
        FlagKind.SEEN_AT_APPOINTMENT: _("Look at this during the visit"),
        FlagKind.CALL_FIRST: _("Call before anything is booked"),
    }
    return words[kind]


def format_task(kind: TaskKind) -> str:
    """Return what has to be done."""
    words: dict[TaskKind, str] = {
        TaskKind.CALL_BACK: _("Call back"),
        TaskKind.CALL_FIRST: _("Call before booking"),
        TaskKind.CRISIS: _("Crisis: call now"),
        TaskKind.READ_TEXT: _("Read a text"),
        TaskKind.PLACE_SESSION: _("Find a time for a session"),
        TaskKind.DECIDE_AFTER_MISS: _("Decide after a missed session"),
        TaskKind.REVIEW_SERIES: _("Review a series"),
        TaskKind.GAP_LIMIT: _("Find a time before the gap is too long"),
        TaskKind.GAP_EXCEEDED: _("Decide after a gap over the limit"),
        TaskKind.MEND_CONTACT: _("Mend a number or address"),
        TaskKind.CHANGE_WANTED: _("Patient wants another time"),
        TaskKind.CHECK_RECORD: _("Check a patient's details"),
        TaskKind.MOVE_APPOINTMENT: _("Call: the visit can't take place as booked"),
        TaskKind.DECIDE_OUTAGE: _("Decide: new times after a closure"),
        TaskKind.DECIDE_SUSPENDED: _("Decide whether treatment goes on"),
        TaskKind.REVIEW_REPORT: _("Review unverified answers"),
        TaskKind.DECIDE_PAUSED: _("Decide how a paused series goes on"),
        TaskKind.DECIDE_SPACING: _("Decide on a proposed spacing"),
        TaskKind.CALENDAR_CONFLICT: _("Ask: the practitioner's own calendar says busy then"),
        TaskKind.CALENDAR_UNREAD: _("Mend a calendar that can't be read"),
        TaskKind.ASK_TALK_THERAPY: _("Ask about talk therapy alongside, and note the answer"),
    }
    return words[kind]


def explain_misfit(reason: MisfitReason) -> str:
    """Return why an appointment can't take place as it is booked."""
    words: dict[MisfitReason, str] = {
        MisfitReason.LOCATION_GONE: _("The location is closed for good."),
        MisfitReason.SERVICE_GONE: _("The service is no longer offered."),
        MisfitReason.OTHER_LOCAL_TIME: _(
            "The location's clocks would show another time than was said."
        ),
        MisfitReason.CLOSED: _("The location is closed then."),
        MisfitReason.OUTSIDE_HOURS: _("It is outside the opening hours."),
        MisfitReason.RESOURCE_GONE: _("Its room, chair or practitioner is no longer there."),
        MisfitReason.PRACTITIONER_AWAY: _("The practitioner is not on shift then."),
        MisfitReason.TOO_FEW_NURSES: _("Too few nurses are on shift then."),
        MisfitReason.NO_PRESCRIBER: _("No practitioner is on shift throughout."),
        MisfitReason.RELEASED: _("Its time had to be given up."),
        MisfitReason.TAKES_LONGER: _(
            "The service takes more time or room now than is kept for it."
        ),
    }
    return words[reason]


def format_task_owner(owner: Owner) -> str:
    """Return who has to do a task."""
    words: dict[Owner, str] = {
        Owner.FRONT_DESK: _("Front desk"),
        Owner.PRACTITIONER: _("Practitioner"),
    }
    return words[owner]


def format_series_status(status: SeriesStatus) -> str:
    """Return how far a series is."""
    words: dict[SeriesStatus, str] = {
        SeriesStatus.PROPOSED: _("Prescribed, not booked yet"),
        SeriesStatus.ACTIVE: _("Active"),
        SeriesStatus.COMPLETED: _("Completed"),
        SeriesStatus.STOPPED: _("Stopped"),
        SeriesStatus.WITHDRAWN: _("Withdrawn"),
    }
    return words[status]


def format_session_state(state: SessionState) -> str:
    """Return what became of a session."""
    words: dict[SessionState, str] = {
        SessionState.BOOKED: _("Booked"),
        SessionState.DONE: _("Done"),
        SessionState.MISSED: _("Missed"),
        SessionState.UNPLACED: _("No time yet"),
        SessionState.CANCELLED: _("Cancelled"),
    }
    return words[state]


def format_patient_field(field: str) -> str:
    """Return the name of a field of a patient's record."""
    words: dict[str, str] = {
        "given_name": _("First name"),
        "family_name": _("Last name"),
        "birth_date": _("Birth date"),
        "phone": _("Phone number"),
        "email": _("E-mail"),
        "language": _("Language of messages"),
        "preferred_name": _("Name to use"),
        "safe_to_text": _("Safe to text"),
        "leave_voicemail": _("Leave voicemail"),
        "time_zone": _("Time zone"),
    }
    return words[field]


def format_service_name(service_id: int) -> str:
    """Return a service's name in the reader's language."""
    service = availability.current_catalogue().services_by_id.get(service_id)
    language = str(get_locale())
    if service is None:
        return str(_("Former service"))
    return service.names.get(language) or service.names["en"]


def format_full_date(day: date) -> str:
    """Return a date with its year, like "February 29, 1980"."""
    return format_date(day, "long", locale=get_locale())


def format_short_local_date(instant: datetime, zone: str) -> str:
    """Return the day an instant falls on in `zone` (IANA), like "Tue, Dec 1"."""
    return format_short_day(local_date(instant, zone))


for _show in (
    *(
        format_status,
        format_outcome,
        format_finding,
        format_next_step,
        explain_clearance,
        format_flag,
    ),
    *(
        format_task,
        explain_misfit,
        format_task_owner,
        format_series_status,
        format_session_state,
    ),
    *(format_service_name, format_patient_field, format_full_date, format_short_local_date),
):
    blueprint.add_app_template_filter(_show)
