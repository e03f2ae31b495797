"""Plans in words: a name, and the facts that tell one plan from another."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

from babel.lists import format_list
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.desk.blueprint import blueprint
from booking.desk.series.words import format_weekdays_plural
from booking.series.patient_availability import Obstacle
from booking.series.planning.alternatives import (
    ASKED_FOR,
    BEFORE_START,
    NamedPlan,
    PlanAim,
    PlanException,
)
from booking.series.planning.names import DayPart, find_day_part
from booking.series.proposals import ProposedPlan
from booking.series.rules import Phase
from booking.web.formats import format_short_day


def format_plan_name(named: NamedPlan) -> str:
    """Return a plan's name, like "Mondays and Thursdays, late mornings"."""
    return f"{format_weekdays_plural(named.weekdays)}, {_part_of_day(named)}"


def format_aim(aim: PlanAim) -> str:
    """Return what a plan is the best for, as a mark beside its name."""
    words = {
        PlanAim.BEST: _("Best fit"),
        PlanAim.CHOSEN: _("As chosen"),
        PlanAim.AS_ASKED: _("As asked for"),
        PlanAim.SOONEST: _("Soonest start"),
        PlanAim.OTHER_WEEKDAYS: _("Other days"),
        PlanAim.OTHER_TIME: _("Other times"),
        PlanAim.ONE_LOCATION: _("One location"),
    }
    return str(words[aim])


def describe_plan(
    proposed: ProposedPlan, home: LocationCalendar, phases: Sequence[Phase]
) -> list[str]:
    """Return what tells one plan from another: from when to when, gaps, exceptions, places, and its cost.

    `home` is the location of the series.
    """
    sessions = [session.planned for session in proposed.sessions]
    first, last = format_short_day(sessions[0].day), format_short_day(sessions[-1].day)
    facts = [_("%(first)s to %(last)s", first=first, last=last)]
    if proposed.delay_days < 0:
        facts.append(
            ngettext(
                "starts %(num)d day sooner", "starts %(num)d days sooner", -proposed.delay_days
            )
        )
    elif proposed.delay_days:
        facts.append(
            ngettext("starts %(num)d day later", "starts %(num)d days later", proposed.delay_days)
        )
    further = (
        _gaps(proposed),
        _exceptions(proposed, phases),
        _places(proposed, home),
        _wishes(proposed),
        _displaced(proposed),
    )
    return [*map(str, facts), *chain.from_iterable(further)]


def _part_of_day(named: NamedPlan) -> str:
    words = {
        DayPart.EARLY_MORNING: _("early mornings"),
        DayPart.LATE_MORNING: _("late mornings"),
        DayPart.MORNING: _("mornings"),
        DayPart.EARLY_AFTERNOON: _("early afternoons"),
        DayPart.LATE_AFTERNOON: _("late afternoons"),
        DayPart.AFTERNOON: _("afternoons"),
        DayPart.EVENING: _("evenings"),
        DayPart.SEVERAL: _("at different times of day"),
    }
    return str(words[find_day_part(named)])


def _displaced(proposed: ProposedPlan) -> Iterator[str]:
    """Yield how many times of a plan running series will need, if any."""
    if proposed.displaced:
        yield str(
            ngettext(
                "%(num)d time that a running series will need",
                "%(num)d times that running series will need",
                proposed.displaced,
            )
        )


def _gaps(proposed: ProposedPlan) -> Iterator[str]:
    """Yield how far apart the sessions of the first phase are, and how far that is from ideal."""
    planned = [session.planned for session in proposed.sessions]
    gaps = sorted({p.gap for p in planned if p.gap and p.phase == planned[0].phase})
    if gaps:
        days = format_list([str(gap) for gap in gaps], style="or", locale=get_locale())
        # Translators: "days" names all of them, like "3 or 4"; the last one decides between day and days
        text = ngettext(
            "all %(days)s day apart at first",
            "all %(days)s days apart at first",
            gaps[-1],
            days=days,
        )
        yield str(text)
    off = proposed.named.plan.cost.gap_days
    yield str(
        ngettext("%(num)d day off the ideal gaps", "%(num)d days off the ideal gaps", off)
        if off
        else _("every gap ideal")
    )


def _exceptions(proposed: ProposedPlan, phases: Sequence[Phase]) -> Iterator[str]:
    exceptions = proposed.named.exceptions
    if exceptions:
        words = [
            f"{format_short_day(each.session.day)} ({_why_missed(each, proposed, phases)})"
            for each in exceptions
        ]
        yield str(_("except %(days)s", days=format_list(words, locale=get_locale())))


def _why_missed(exception: PlanException, proposed: ProposedPlan, phases: Sequence[Phase]) -> str:
    """Return why a session isn't on a day of its plan's, like "Mon, Dec 7 is closed"."""
    reasons = {
        Obstacle.AWAY: _("away on %(missed)s"),
        Obstacle.CLOSED: _("%(missed)s is closed"),
        Obstacle.FULL: _("%(missed)s is full"),
        Obstacle.PERSON_BUSY: _("another visit on %(missed)s"),
        Obstacle.INFUSION_NEAR: _("another infusion near %(missed)s"),
        Obstacle.NOT_CLEARED: _("not cleared on %(missed)s"),
    }
    missed = format_short_day(exception.missed_day)
    if exception.reason == BEFORE_START:
        return str(_("%(missed)s is before the first day possible", missed=missed))
    if obstacle := proposed.obstacles.get(exception.session.number):
        return str(reasons[obstacle]) % {"missed": missed}
    if exception.reason == ASKED_FOR:
        return str(_("as asked for"))
    return _gap_missed(exception, proposed, phases)


def _gap_missed(exception: PlanException, proposed: ProposedPlan, phases: Sequence[Phase]) -> str:
    """Return how far a day that was missed would have been from the session before, or after, it."""
    numbered = {each.planned.number: each.planned for each in proposed.sessions}
    session, day = exception.session, exception.missed_day
    before, after = numbered.get(session.number - 1), numbered.get(session.number + 1)
    missed = format_short_day(day)
    if before and phases[session.phase].gap.days_from_ideal(days := (day - before.day).days):
        return str(
            ngettext(
                "%(missed)s is %(num)d day after session %(number)s",
                "%(missed)s is %(num)d days after session %(number)s",
                days,
                missed=missed,
                number=before.number,
            )
        )
    if after and phases[after.phase].gap.days_from_ideal(days := (after.day - day).days):
        return str(
            ngettext(
                "%(missed)s is %(num)d day before session %(number)s",
                "%(missed)s is %(num)d days before session %(number)s",
                days,
                missed=missed,
                number=after.number,
            )
        )
    return str(_("the gaps rule out %(missed)s", missed=missed))


def _places(proposed: ProposedPlan, home: LocationCalendar) -> Iterator[str]:
    """Yield what is not at the series' own location, like "1 at Scottsdale"."""
    sessions = proposed.sessions
    counts = Counter(session.planned.slot.location for session in sessions)
    for slug, count in counts.most_common():
        name = availability.current_catalogue().locations[slug].name
        if slug != home.slug and count == len(sessions):
            yield str(_("all at %(place)s", place=name))
        elif slug != home.slug:
            yield str(ngettext("%(num)d at %(place)s", "%(num)d at %(place)s", count, place=name))


def _wishes(proposed: ProposedPlan) -> Iterator[str]:
    unwanted = proposed.named.plan.cost.unwanted
    text = ngettext(
        "%(num)d day or time not as asked for", "%(num)d days or times not as asked for", unwanted
    )
    yield str(text if unwanted else _("all as asked for"))


blueprint.add_app_template_filter(format_aim)
