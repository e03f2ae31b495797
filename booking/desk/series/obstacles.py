"""Why a plan ends early, or why there is none: what hinders the first session without a place, day by day."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask_babel import gettext as _

from booking.desk.words import explain_clearance
from booking.screening.rules import Clearance
from booking.series.patient_availability import Obstacle
from booking.series.planning.requests import PlanInfeasible
from booking.series.proposals import PlanProposal
from booking.web.formats import format_day, format_short_day


def explain_infusions_not_offered() -> str:
    """Return what to say of a series whose location, or infusions as such, are no longer offered."""
    return str(_("Infusions are no longer booked at this location. Prescribe it at another one."))


def explain_unplaced(proposal: PlanProposal) -> list[str]:
    """Return in sentences what hinders the first session that has no place; none when all have one."""
    if proposal.infeasible is None:
        return []
    if proposal.clearance is Clearance.EXPIRED and proposal.cleared_until:
        return [_ends(proposal.cleared_until)]
    if proposal.clearance is not Clearance.CLEARED:
        return [explain_clearance(proposal.clearance)]
    return [_no_place(proposal.infeasible), *map(_hindered, proposal.obstacles.items())]


def _ends(day: date) -> str:
    return str(_("The clearance ends on %(day)s: renew it to plan further.", day=format_day(day)))


def _no_place(refusal: PlanInfeasible) -> str:
    if refusal.latest < refusal.earliest:
        return str(
            _(
                "Session %(number)s has no place: the longest gap allowed is over before it.",
                number=refusal.number,
            )
        )
    return str(
        _(
            "Session %(number)s has no place: from %(first)s to %(last)s nothing is free that its "
            "gap allows.",
            number=refusal.number,
            first=format_day(refusal.earliest),
            last=format_day(refusal.latest),
        )
    )


def _hindered(days_by_obstacle: tuple[Obstacle, Sequence[date]]) -> str:
    words = {
        Obstacle.NOT_CLEARED: _("Not cleared for infusions: %(days)s"),
        Obstacle.INFUSION_NEAR: _("Too close to another infusion: %(days)s"),
        Obstacle.AWAY: _("The patient is away: %(days)s"),
        Obstacle.CLOSED: _("The location is closed: %(days)s"),
        Obstacle.FULL: _("Nothing long enough is free: %(days)s"),
        Obstacle.PERSON_BUSY: _("The patient has another visit then: %(days)s"),
    }
    kind, days = days_by_obstacle
    return str(words[kind] % {"days": ", ".join(map(_stretch, _stretches(days)))})


def _stretches(days: Sequence[date]) -> list[tuple[date, date]]:
    stretches: list[tuple[date, date]] = []
    for day in days:
        if stretches and day - stretches[-1][1] == timedelta(days=1):
            stretches[-1] = (stretches[-1][0], day)
        else:
            stretches.append((day, day))
    return stretches


def _stretch(days: tuple[date, date]) -> str:
    first, last = days
    return (
        format_short_day(first)
        if first == last
        else f"{format_short_day(first)} – {format_short_day(last)}"
    )
