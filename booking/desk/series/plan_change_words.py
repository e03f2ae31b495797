"""With how little a series that has no plan would have one, in words."""

from collections.abc import Callable, Mapping

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.desk.series.words import format_weekdays_plural
from booking.series.patient_availability import Obstacle
from booking.series.plan_relaxations import PlanRelaxations
from booking.series.planning.relaxations import BindingRule, Relaxation
from booking.series.planning.requests import PlanRequest
from booking.series.rules import Phase
from booking.web.formats import format_clock, format_day, format_short_day

Words = Callable[[Relaxation, PlanRequest], str]


def describe_plan_changes(relaxations: PlanRelaxations) -> list[str]:
    """Return each change by which every session would have a place, the one that asks least first."""
    request = relaxations.request
    elsewhere = [
        str(_("At %(location)s, too", location=location.name)) for location in relaxations.locations
    ]
    return [*elsewhere, *(CHANGE_WORDS[each.rule](each, request) for each in relaxations.changes)]


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
    days = ", ".join(map(format_short_day, relaxation.days))
    return str(_("A chair and a nurse free on %(days)s", days=days))


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
