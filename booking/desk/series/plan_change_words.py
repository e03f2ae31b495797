"""The rule that leaves a series without a plan, and with how little it would have one, in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.desk.series.words import format_weekdays_plural
from booking.series.patient_availability import Obstacle
from booking.series.plan_relaxations import PlanRelaxations
from booking.series.planning.binding_rules import BindingRule, Relaxation
from booking.series.planning.requests import PlanRequest
from booking.series.rules import Phase
from booking.web.formats import format_clock, format_day, format_short_day

MAX_DAYS_NAMED = 6
Words = Callable[[Relaxation, PlanRequest], str]


@dataclass(frozen=True, slots=True)
class PlanRelaxationWords:
    """What binds, in sentences; and `changes`, the one that asks least first.

    Each of them gives every session a place; where `together` is so, it takes all of them.
    """

    binding: str
    changes: Sequence[str]
    together: bool


def describe_plan_relaxations(relaxations: PlanRelaxations) -> PlanRelaxationWords:
    """Return what keeps a request from having a plan, and what would give it one."""
    request = relaxations.request
    elsewhere = [
        str(_("At %(location)s, too", location=location.name)) for location in relaxations.locations
    ]
    changes = [CHANGE_WORDS[each.rule](each, request) for each in relaxations.changes]
    binding = relaxations.changes if relaxations.together else relaxations.changes[:1]
    sentences = dict.fromkeys(BINDING_WORDS[each.rule](each, request) for each in binding)
    return PlanRelaxationWords(" ".join(sentences), [*elsewhere, *changes], relaxations.together)


def _weekdays(relaxation: Relaxation, _request: PlanRequest) -> str:
    return str(_("%(days)s, too", days=format_weekdays_plural(relaxation.weekdays)))


def _times(relaxation: Relaxation, request: PlanRequest) -> str:
    only = request.preferences.only
    return str(
        ngettext(
            "Starts up to %(num)d minute before %(earliest)s or after %(latest)s",
            "Starts up to %(num)d minutes before %(earliest)s or after %(latest)s",
            relaxation.amount,
            earliest=format_clock(only.earliest),
            latest=format_clock(only.latest),
        )
    )


def _longer_gap(relaxation: Relaxation, request: PlanRequest) -> str:
    most = _phase(relaxation, request).gap.max_days
    return str(
        _(
            "Gaps of up to %(new)s days instead of %(old)s (%(phase)s)",
            new=most + relaxation.amount,
            old=most,
            phase=relaxation.phase,
        )
    )


def _shorter_gap(relaxation: Relaxation, request: PlanRequest) -> str:
    least = _phase(relaxation, request).gap.min_days
    return str(
        _(
            "Gaps of %(new)s days or more instead of %(old)s (%(phase)s)",
            new=max(1, least - relaxation.amount),
            old=least,
            phase=relaxation.phase,
        )
    )


def _phase(relaxation: Relaxation, request: PlanRequest) -> Phase:
    return next(phase for phase in request.phases if phase.name == relaxation.phase)


def _more_authorised(relaxation: Relaxation, _request: PlanRequest) -> str:
    return str(
        ngettext(
            "%(num)d session more authorised by the payer",
            "%(num)d sessions more authorised by the payer",
            relaxation.amount,
        )
    )


def _authorised_until(relaxation: Relaxation, _request: PlanRequest) -> str:
    return str(_("Authorised by the payer until %(day)s", day=format_day(relaxation.days[0])))


def _unblocked(relaxation: Relaxation, _request: PlanRequest) -> str:
    words: dict[str, str] = {
        Obstacle.NOT_CLEARED: _("A practitioner's clearance for all of it"),
        Obstacle.AWAY: _("The patient there on the days of their absence"),
        Obstacle.INFUSION_NEAR: _("The patient's other infusions moved"),
    }
    return words[relaxation.reason]


def _freed(relaxation: Relaxation, _request: PlanRequest) -> str:
    count = len(relaxation.days)
    if count > MAX_DAYS_NAMED:
        return str(_("A chair and a nurse free on %(count)s days", count=count))
    days = ", ".join(map(format_short_day, relaxation.days))
    return str(_("A chair and a nurse free on %(days)s", days=days))


def _only_weekdays(_relaxation: Relaxation, request: PlanRequest) -> str:
    days = format_weekdays_plural(sorted(request.preferences.only.weekdays))
    return str(_("Asked for were %(days)s alone.", days=days))


def _only_times(_relaxation: Relaxation, request: PlanRequest) -> str:
    only = request.preferences.only
    return str(
        _(
            "Asked for were starts from %(earliest)s to %(latest)s alone.",
            earliest=format_clock(only.earliest),
            latest=format_clock(only.latest),
        )
    )


def _gap_limits(relaxation: Relaxation, request: PlanRequest) -> str:
    gap = _phase(relaxation, request).gap
    return str(
        _(
            "Between sessions %(least)s to %(most)s days are allowed (%(phase)s).",
            least=gap.min_days,
            most=gap.max_days,
            phase=relaxation.phase,
        )
    )


def _authorised(_relaxation: Relaxation, request: PlanRequest) -> str:
    last = request.authorisations[-1]
    return str(
        ngettext(
            "The payer authorised %(num)d session more, until %(day)s.",
            "The payer authorised %(num)d sessions more, until %(day)s.",
            last.sessions,
            day=format_day(last.last_day),
        )
    )


def _blocked(relaxation: Relaxation, _request: PlanRequest) -> str:
    words: dict[str, str] = {
        Obstacle.NOT_CLEARED: _("The patient is not cleared for all of it."),
        Obstacle.AWAY: _("The patient is away too long."),
        Obstacle.INFUSION_NEAR: _("The patient’s other infusions are too close."),
    }
    return words[relaxation.reason]


def _not_free(_relaxation: Relaxation, _request: PlanRequest) -> str:
    return str(_("No chair with a nurse is free for long enough on the days that it takes."))


BINDING_WORDS: Mapping[BindingRule, Words] = {
    BindingRule.ONLY_WEEKDAYS: _only_weekdays,
    BindingRule.ONLY_TIMES: _only_times,
    BindingRule.GAP_TOO_LONG: _gap_limits,
    BindingRule.GAP_TOO_SHORT: _gap_limits,
    BindingRule.AUTHORISED_COUNT: _authorised,
    BindingRule.AUTHORISED_UNTIL: _authorised,
    BindingRule.BLOCKED: _blocked,
    BindingRule.NOT_FREE: _not_free,
}
CHANGE_WORDS: Mapping[BindingRule, Words] = {
    BindingRule.ONLY_WEEKDAYS: _weekdays,
    BindingRule.ONLY_TIMES: _times,
    BindingRule.GAP_TOO_LONG: _longer_gap,
    BindingRule.GAP_TOO_SHORT: _shorter_gap,
    BindingRule.AUTHORISED_COUNT: _more_authorised,
    BindingRule.AUTHORISED_UNTIL: _authorised_until,
    BindingRule.BLOCKED: _unblocked,
    BindingRule.NOT_FREE: _freed,
}
