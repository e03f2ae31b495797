"""The answer to “why not then?”: each rule in words, and whether whoever asks may book all the same."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from flask_login import current_user

from booking.appointments.exemptions import may_override
from booking.calendars.local_days import list_instants
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import CalendarRule, OverriddenBy, Rules
from booking.calendars.ruled_days import Blocker, RuledDay
from booking.desk.why_not.questions import WhyNotForm, WhyNotQuestion
from booking.desk.why_not.rule_words import explain_blocker, format_override, format_remedy

# Reads the rules about one local day at a location.
ReadRules = Callable[[LocationCalendar, date], RuledDay]


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that stands against a start: in words, who may override it, and what would change it."""

    text: str
    override: str
    remedy: str


@dataclass(frozen=True, slots=True)
class WhyNotAnswer:
    """What stands against one start (UTC), and `notes`: what binds plans, or who books online, alone.

    `is_free`: nothing stands against it. `allows_reason`: whoever asks may book it by giving one, which
    overrides `rules` of the calendar; `who_may` says who else might, where somebody might.
    """

    starts_at: datetime
    location: LocationCalendar
    reasons: Sequence[Reason]
    notes: Sequence[Reason]
    is_free: bool
    allows_reason: bool
    who_may: str
    rules: Rules


@dataclass(frozen=True, slots=True)
class WhyNot:
    """The form, and an answer for each instant at which the clock shows what was asked: as a rule one."""

    form: WhyNotForm
    question: WhyNotQuestion | None
    answers: Sequence[WhyNotAnswer]


def answer_why_not(location: LocationCalendar, day: date, read_rules: ReadRules) -> WhyNot:
    """Return the form as it was sent, with its answer; `location` and `day` stand in it at first."""
    form = WhyNotForm(location, day)
    question = form.read_question()
    if question is None:
        return WhyNot(form, None, ())
    instants = list_instants(question.day, question.at, question.location.zone)
    ruled = read_rules(question.location, question.day)
    answers = [answer_start(ruled, starts_at) for starts_at in instants]
    return WhyNot(form, question, answers)


def answer_start(ruled: RuledDay, starts_at: datetime) -> WhyNotAnswer:
    """Return what stands against a start (UTC), and whether whoever asks may book it all the same."""
    blockers = ruled.blockers_at(starts_at)
    at_desk = [each for each in blockers if each.override is not OverriddenBy.FRONT_DESK]
    notes = [each for each in blockers if each.override is OverriddenBy.FRONT_DESK]
    overrides = {each.override for each in at_desk}
    may_all = all(may_override(current_user.role, override) for override in overrides)
    return WhyNotAnswer(
        starts_at,
        ruled.location,
        [_explain(blocker, ruled) for blocker in at_desk],
        [_explain(blocker, ruled) for blocker in notes],
        not at_desk,
        bool(at_desk) and may_all,
        "" if may_all else _explain_who_may(overrides),
        frozenset(each.rule for each in at_desk if isinstance(each.rule, CalendarRule)),
    )


def _explain_who_may(overrides: Collection[OverriddenBy]) -> str:
    """Return who may book against all of some rules; empty where nobody may."""
    if OverriddenBy.NOBODY in overrides:
        return ""
    if OverriddenBy.PRACTITIONER in overrides:
        return str(_("A practitioner who signs in may book it here with a reason."))
    return str(_("A practitioner or a manager who signs in may book it here with a reason."))


def _explain(blocker: Blocker, ruled: RuledDay) -> Reason:
    return Reason(
        explain_blocker(blocker, ruled.location.zone),
        format_override(blocker),
        format_remedy(blocker),
    )
