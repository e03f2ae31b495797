"""Refusals as sentences: what is wrong and what to do."""

from flask_babel import gettext as _

from booking.appointments.exemptions import OverrideRefused
from booking.appointments.guards import ChangeRefused
from booking.appointments.patient_booking import (
    NotAnAdult,
    NotCleared,
    OpenFlag,
    PatientBusy,
    PatientNotBookable,
)
from booking.appointments.reverting import UndoProblem, UndoRefused
from booking.appointments.rules import ActionNotAllowed
from booking.calendars.operations import SlotTaken
from booking.db.idempotency import IdempotencyKeyReused
from booking.db.transactions import OverlapError
from booking.db.versions import StaleVersion
from booking.desk.changes_since import describe_changes_since
from booking.desk.form_versions import submitted_version
from booking.desk.gap_words import describe_gap
from booking.desk.submitting import ResubmissionRequired
from booking.desk.words import explain_clearance
from booking.series.refusals import SeriesInProgress

FormRefusal = StaleVersion | ResubmissionRequired | IdempotencyKeyReused
Refusal = (
    ActionNotAllowed
    | NotCleared
    | SlotTaken
    | PatientNotBookable
    | ChangeRefused
    | OverlapError
    | SeriesInProgress
    | UndoRefused
    | OverrideRefused
    | FormRefusal
)
# Those that any form can meet
FORM_REFUSALS = (StaleVersion, ResubmissionRequired, IdempotencyKeyReused)
REFUSALS = (
    ActionNotAllowed,
    NotCleared,
    SlotTaken,
    PatientNotBookable,
    ChangeRefused,
    OverlapError,
    SeriesInProgress,
    UndoRefused,
    OverrideRefused,
    *FORM_REFUSALS,
)


def explain_refusal(refusal: Refusal) -> str:
    """Return why a change was not made and what can be done."""
    if isinstance(refusal, FORM_REFUSALS):
        return _form_refused(refusal)
    if isinstance(refusal, ActionNotAllowed):
        return explain_action(refusal.reason)
    if isinstance(refusal, NotCleared):
        return explain_clearance(refusal.clearance)
    if isinstance(refusal, ChangeRefused):
        return _change_refused(refusal)
    if isinstance(refusal, UndoRefused):
        return explain_undo(refusal.problem)
    return _not_possible(refusal)


def _not_possible(refusal: Refusal) -> str:
    words: dict[type[Exception], str] = {
        PatientBusy: _(
            "The patient has another visit then, or another infusion that day. Choose again."
        ),
        NotAnAdult: _("The clinic treats adults only."),
        OpenFlag: _("A clinician has to call this patient first and clear the flag."),
        OverrideRefused: _(
            "Other rules stand against that time by now, or somebody else has to allow it. Look again."
        ),
        SeriesInProgress: _(
            "The patient has a series that goes on. Stop it first, or wait until it is over."
        ),
    }
    return words.get(type(refusal)) or str(_("That time was taken meanwhile. Choose another."))


def accepts_reason(refusal: Refusal) -> bool:
    """Tell whether whoever was refused may go on by giving a reason."""
    if isinstance(refusal, ActionNotAllowed):
        return refusal.reason == "has_started"
    return isinstance(refusal, ChangeRefused | NotCleared) and refusal.accepts_reason


def _form_refused(refusal: FormRefusal) -> str:
    words: dict[type[Exception], str] = {
        StaleVersion: _("Something has changed since this page was opened."),
        ResubmissionRequired: _("Nothing has been changed yet: look it over, and send it again."),
        IdempotencyKeyReused: _("This form was sent already, with other words in it."),
    }
    return " ".join([words[type(refusal)], *_meanwhile(), _check_and_send()])


def explain_stale_version(current_version: str) -> str:
    """Return what to say when a form with a mistake in it is outdated too; empty when it is not."""
    if submitted_version() in (None, current_version):
        return ""
    return _form_refused(StaleVersion())


def _meanwhile() -> list[str]:
    changes = describe_changes_since()
    return [str(_("Meanwhile: %(changes)s.", changes="; ".join(changes)))] if changes else []


def _check_and_send() -> str:
    return str(
        _("The page now shows how things stand. Check it, and send it again if it is right.")
    )


def explain_action(reason: str) -> str:
    """Return why something can't be done to a visit, by the code of `ActionNotAllowed`."""
    words: dict[str, str] = {
        "is_booked": _("The patient has not been checked in yet."),
        "is_arrived": _("The patient is here: record what became of the visit instead."),
        "is_fulfilled": _("This visit is over."),
        "is_cancelled": _("This visit was cancelled."),
        "is_noshow": _("This visit was marked as a no-show."),
        "has_started": _(
            "The visit's time has begun. If the visit has not, give the reason; else check the patient in, "
            "or mark a no-show."
        ),
        "treated_too_early": _(
            "The visit's time has not begun: that it took place can be recorded from its start on."
        ),
        "not_started": _("The visit has not begun: a no-show can be marked from its start on."),
        "step_not_next": _(
            "That step does not come next. The page now shows where the patient is."
        ),
        "step_is_clinical": _(
            "A nurse or practitioner records this step, as they see the patient."
        ),
        "is_no_infusion": _("This visit has no steps: record what became of it."),
        "day_over": _("The day of this visit is over."),
        "too_short": _("The visit never takes less than its service, or than was prescribed."),
        "no_such_length": _(
            "A visit takes up to two hours longer than usual, in steps of five minutes."
        ),
        "ends_in_past": _("That is past."),
        "too_early": _("It is too early to check in: that is for the day of the visit."),
    }
    return words.get(reason) or str(_("This can't be done to the visit now."))


def explain_undo(problem: UndoProblem) -> str:
    """Return why something can't be undone, and what can be done instead."""
    words: dict[UndoProblem, str] = {
        UndoProblem.NOT_LATEST: _(
            "This was undone already, or something else was done after it. The visit is as shown here."
        ),
        UndoProblem.DAY_OVER: _("What was done is undone on the same day only."),
        UndoProblem.TOLD: _(
            "The patient has been told of it, so it can't be undone unnoticed. Change the visit again, "
            "which tells them, or call them."
        ),
        UndoProblem.CHANGED: _(
            "Something that follows from it has changed since: the visit, or its series, as when the "
            "session was given another time. The visit is as shown here. If the patient is here now, "
            "cancel that other time and find one for today."
        ),
        UndoProblem.TAKEN: _(
            "Its time was given to somebody else meanwhile. The visit is as shown here; "
            "find another time for the patient."
        ),
        UndoProblem.BUSY: _(
            "The patient has another visit then by now, or another infusion that day. "
            "Change that one first."
        ),
    }
    return str(words[problem])


def _change_refused(refusal: ChangeRefused) -> str:
    rule = {
        "gap_too_long": _("This leaves too long a gap between two sessions."),
        "gap_too_short": _("This brings two sessions too close together."),
        "infusion_too_close": _("This is too close to another infusion of the patient."),
        "paused": _("The patient's series rests then."),
        "before_start": _("This is before the day on which the series begins."),
        "after_end": _("This is after the day on which the series ends."),
    }.get(refusal.rule, _("A rule of the patient's series does not allow this."))
    parts = [rule, describe_gap(refusal.facts)] if "days" in refusal.facts else [rule]
    if refusal.accepts_reason:
        parts.append(_("Choose another time, or give a reason."))
    else:
        parts.append(_("Choose another time, or ask a practitioner, who may allow it."))
    return " ".join(parts)
