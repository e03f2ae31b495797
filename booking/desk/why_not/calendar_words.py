"""What the calendar says against a start, in sentences with its numbers."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.calendars import availability
from booking.calendars.catalogue import FOR_EVER
from booking.calendars.overrides import CalendarRule
from booking.calendars.ruled_days import Facts
from booking.web.formats import (
    format_day_of_any_year,
    format_local_time,
    format_short_day_of_any_year,
)

Words = Callable[[Facts, ZoneInfo], str]
MINUTE = timedelta(minutes=1)


def _grid(facts: Facts, zone: ZoneInfo) -> str:
    nearest = [
        format_local_time(at, zone) for at in (facts["before"], facts["after"]) if at is not None
    ]
    return str(
        _(
            "Visits begin every %(step)s minutes: the nearest times are %(times)s.",
            step=facts["step"],
            times=_(" and ").join(nearest),
        )
    )


def _closed(facts: Facts, _zone: ZoneInfo) -> str:
    first, last = facts["first_day"], facts["last_day"]
    if first == last:
        return str(_("The location is closed on that day: %(name)s.", name=facts["name"]))
    return str(
        _(
            "The location is closed from %(first)s to %(last)s: %(name)s.",
            first=format_short_day_of_any_year(first),
            last=format_short_day_of_any_year(last),
            name=facts["name"],
        )
    )


def _outage(facts: Facts, zone: ZoneInfo) -> str:
    begins, ends = facts["begins"], facts["ends"]
    if ends == FOR_EVER:
        return str(
            _("The location is closed from %(begins)s on.", begins=_day_and_time(begins, zone))
        )
    return str(
        _(
            "The location is closed from %(begins)s to %(ends)s.",
            begins=_day_and_time(begins, zone),
            ends=_day_and_time(ends, zone),
        )
    )


def _hours(facts: Facts, zone: ZoneInfo) -> str:
    begins, ends, opening = facts["begins"], facts["ends"], facts["opening"]
    if not opening:
        day = begins.astimezone(zone).date()
        return str(_("The location does not open on %(day)s.", day=format_day_of_any_year(day)))
    closes = next((last for first, last in opening if first <= begins < last < ends), None)
    if closes is not None:
        text = (
            _(
                "With setup and recovery it would last until %(ends)s, %(minutes)s minutes past closing "
                "at %(closes)s."
            )
            if facts["is_infusion"]
            else _("It would last until %(ends)s, %(minutes)s minutes past closing at %(closes)s.")
        )
        return str(text) % {
            "ends": _day_and_time(ends, zone, begins),
            "minutes": (ends - closes) // MINUTE,
            "closes": format_local_time(closes, zone),
        }
    hours = ", ".join(format_span(first, last, zone) for first, last in opening)
    return str(_("It is outside the opening hours of that day: %(hours)s.", hours=hours))


def _chair(facts: Facts, zone: ZoneInfo) -> str:
    count, full_at = facts["count"], facts["full_at"]
    if not count:
        return str(_("There is no chair here."))
    if full_at is None:
        sentence = _("No chair is free all the time, of %(count)s.", count=count)
    else:
        sentence = ngettext(
            "The one chair is not free at %(time)s.",
            "None of the %(num)d chairs is free at %(time)s.",
            count,
            time=format_local_time(full_at, zone),
        )
    return f"{sentence} {_out_of_order(facts)}".strip()


def _room(facts: Facts, zone: ZoneInfo) -> str:
    count, full_at = facts["count"], facts["full_at"]
    if not count:
        return str(_("There is no room here."))
    if full_at is None:
        sentence = _("No room is free all the time, of %(count)s.", count=count)
    else:
        sentence = ngettext(
            "The one room is not free at %(time)s.",
            "None of the %(num)d rooms is free at %(time)s.",
            count,
            time=format_local_time(full_at, zone),
        )
    return f"{sentence} {_out_of_order(facts)}".strip()


def _out_of_order(facts: Facts) -> str:
    if not facts["outages"]:
        return ""
    return str(ngettext("%(num)d is out of order.", "%(num)d are out of order.", facts["outages"]))


def _practitioner(facts: Facts, zone: ZoneInfo) -> str:
    if facts["full_at"] is None:
        return str(_("No practitioner is there and free throughout."))
    time = format_local_time(facts["full_at"], zone)
    return str(_("No practitioner is there and free at %(time)s.", time=time))


def _chosen(text: Callable[[], str]) -> Words:
    def words(facts: Facts, zone: ZoneInfo) -> str:
        catalogue = availability.current_catalogue()
        person = availability.find_practitioner_by_resource(catalogue, facts["resource_id"])
        name = person.name if person else _("Whoever was chosen")
        return text() % {"name": name, "time": format_local_time(facts["at"], zone)}

    return words


def _nurse(facts: Facts, zone: ZoneInfo) -> str:
    time, there = format_local_time(facts["at"], zone), facts["on_shift"]
    if not there and facts["needed"] > 1:
        return str(_("No nurse is on shift at %(time)s to begin with the patient.", time=time))
    if not there:
        return str(_("No nurse is on shift at %(time)s to watch the patient.", time=time))
    if facts["needed"] > 1:
        return str(
            _(
                "At %(time)s no nurse can be alone with the patient, as beginning takes: the nurses there "
                "have room for %(free)s of the %(needed)s patients whom one watches.",
                time=time,
                free=facts["free"],
                needed=facts["needed"],
            )
        )
    return str(
        _(
            "At %(time)s the nurses there watch as many patients as they may, %(count)s.",
            time=time,
            count=there,
        )
    )


def _prescriber(facts: Facts, zone: ZoneInfo) -> str:
    span = format_span(facts["begins"], facts["ends"], zone)
    return str(_("No practitioner is on site: %(span)s.", span=span))


def _notice(facts: Facts, zone: ZoneInfo) -> str:
    opens_at = _day_and_time(facts["opens_at"], zone)
    return str(_("Online, times are offered from %(time)s on.", time=opens_at))


def _horizon(facts: Facts, _zone: ZoneInfo) -> str:
    day = format_day_of_any_year(facts["last_day"])
    return str(_("Online, times are offered up to %(day)s.", day=day))


def _day_and_time(at: datetime, zone: ZoneInfo, day_of: datetime | None = None) -> str:
    """Return when something is; the time alone where it is on the same day as `day_of`."""
    time = format_local_time(at, zone)
    if day_of is not None and day_of.astimezone(zone).date() == at.astimezone(zone).date():
        return time
    return f"{format_day_of_any_year(at.astimezone(zone).date())}, {time}"


def format_span(begins: datetime, ends: datetime, zone: ZoneInfo) -> str:
    """Return a stretch of time, like "9:00 AM – 10:30 AM"."""
    return f"{format_local_time(begins, zone)} – {format_local_time(ends, zone)}"


CALENDAR_WORDS: Mapping[StrEnum, Words] = {
    CalendarRule.GRID: _grid,
    CalendarRule.LOCATION_GONE: lambda _facts, _zone: _(
        "This is no longer booked at this location."
    ),
    CalendarRule.CLOSED: _closed,
    CalendarRule.OUTAGE: _outage,
    CalendarRule.HOURS: _hours,
    CalendarRule.ROOM: _room,
    CalendarRule.CHAIR: _chair,
    CalendarRule.PRACTITIONER: _practitioner,
    CalendarRule.PRACTITIONER_AWAY: _chosen(lambda: _("%(name)s is not on shift at %(time)s.")),
    CalendarRule.PRACTITIONER_BUSY: _chosen(lambda: _("%(name)s is taken at %(time)s.")),
    CalendarRule.SETUP_NURSE: _nurse,
    CalendarRule.NURSE_LOAD: _nurse,
    CalendarRule.PRESCRIBER: _prescriber,
    CalendarRule.PAST: lambda _facts, _zone: _("That time is past."),
    CalendarRule.NOT_ONLINE: lambda _facts, _zone: _("It is not booked online at all."),
    CalendarRule.NOTICE: _notice,
    CalendarRule.HORIZON: _horizon,
}
