"""The answer to “why not then?”: each rule in words, and whether whoever asks may book all the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_login import current_user

from booking.calendars.local_days import list_instants
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.ruled_days import Blocker, Override, RuledDay
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

    `is_free`: nothing stands against it. `allows_reason`: whoever asks may book it by giving one;
    `awaits_practitioner`: somebody else might.
    """

    starts_at: datetime
    location: LocationCalendar
    reasons: Sequence[Reason]
    notes: Sequence[Reason]
    is_free: bool
    allows_reason: bool
    awaits_practitioner: bool


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
    answers = [_answer(ruled, starts_at) for starts_at in instants]
    return WhyNot(form, question, answers)


def _answer(ruled: RuledDay, starts_at: datetime) -> WhyNotAnswer:
    blockers = ruled.blockers_at(starts_at)
    at_desk = [each for each in blockers if each.override is not Override.FRONT_DESK]
    notes = [each for each in blockers if each.override is Override.FRONT_DESK]
    is_practitioners = bool(at_desk) and all(
        blocker.override is Override.PRACTITIONER for blocker in at_desk
    )
    return WhyNotAnswer(
        starts_at,
        ruled.location,
        [_explain(blocker, ruled) for blocker in at_desk],
        [_explain(blocker, ruled) for blocker in notes],
        not at_desk,
        is_practitioners and current_user.may_decide,
        is_practitioners and not current_user.may_decide,
    )


def _explain(blocker: Blocker, ruled: RuledDay) -> Reason:
    return Reason(
        explain_blocker(blocker, ruled.location.zone),
        format_override(blocker),
        format_remedy(blocker),
    )
