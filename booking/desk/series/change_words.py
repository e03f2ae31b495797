"""Changes of a series in words: how often, what becomes of a visit, and why a change can't be made."""

from flask_babel import gettext as _

from booking.desk.blueprint import blueprint
from booking.desk.series.change_rows import Fate, skip_unchanged
from booking.series.patient_availability import Obstacle
from booking.series.progress import PauseDecision
from booking.series.refusals import InvalidChange
from booking.series.usual_slots import SlotObstacle


def format_frequency(days: int) -> str:
    """Return how often sessions are, as people say it."""
    words: dict[int, str] = {
        7: _("every week"),
        14: _("every two weeks"),
        21: _("every three weeks"),
        28: _("every four weeks"),
    }
    return words.get(days) or str(_("every %(days)s days", days=days))


def format_fate(fate: Fate) -> str:
    """Return what becomes of a visit."""
    words: dict[Fate, str] = {
        Fate.STAYS: _("stays"),
        Fate.CANCELLED: _("cancelled"),
        Fate.NEW: _("new"),
        Fate.WAITS: _("no time yet: a task for the front desk"),
    }
    return words[fate]


def format_pause_decision(decision: PauseDecision) -> str:
    """Return how a series went on after a pause."""
    words: dict[PauseDecision, str] = {
        PauseDecision.GO_ON: _("it went on where it was"),
        PauseDecision.REPEAT: _("a phase was given once more"),
        PauseDecision.END: _("it was stopped"),
    }
    return words[decision]


def explain_missed_slot(reason: str) -> str:
    """Return why a session is not at its usual time."""
    words: dict[str, str] = {
        SlotObstacle.TAKEN: _("nothing was free then"),
        SlotObstacle.GAP: _("the gaps did not allow it"),
        Obstacle.CLOSED: _("closed that day"),
        Obstacle.FULL: _("nothing was free that day"),
        Obstacle.PERSON_BUSY: _("the patient had another visit"),
        Obstacle.INFUSION_NEAR: _("too close to another infusion"),
        Obstacle.NOT_CLEARED: _("not cleared for that day"),
        Obstacle.AWAY: _("the patient was away"),
        "paused": _("the series rested"),
        "lost": _("a session had lost its time that day"),
    }
    return words.get(reason) or str(_("it was not possible"))


def explain_invalid_change(refusal: InvalidChange) -> str:
    """Return why a series can't be changed so, and what to do."""
    words: dict[str, str] = {
        "paused": _("The series rests. Decide first how it goes on."),
        "not_paused": _("The series does not rest any more."),
        "not_open_ended": _("This series has no open end: its frequency is that of its phases."),
        "no_end": _("The series has no end that could be taken away."),
        "forms_off": _(
            "No form is asked for between visits, so there are no scores. Switch it on first."
        ),
        "nothing_proposed": _(
            "Nothing is proposed any more: newer scores have come, or it was decided."
        ),
        "days": _("The series has this frequency already. Choose another one."),
        "sessions": _("So many can't be. For a longer phase prescribe the series anew."),
        "phase": _("This phase can't be repeated. Choose again."),
        "first_day": _("This day can't be. Choose one that the visits booked so far lead up to."),
        "first_number": _("This session can't be the first. Choose one that is to come."),
        "nothing": _("These are the phases that it has. Change something first."),
        "last_day": _("This day can't be. Choose today or a later one, after the first."),
    }
    return words.get(refusal.field) or str(_("The series can't be changed so."))


for _show in (
    skip_unchanged,
    format_frequency,
    format_fate,
    format_pause_decision,
    explain_missed_slot,
):
    blueprint.add_app_template_filter(_show)
