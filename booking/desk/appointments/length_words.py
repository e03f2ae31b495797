"""Why an appointment can't take as long, or as short: in sentences, for its form and for the calendar."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from booking.appointments.length_options import LengthOption, list_length_options
from booking.appointments.models import Appointment
from booking.calendars import operations as calendars
from booking.calendars.local_days import CELL
from booking.desk.appointments.views import get_location
from booking.desk.day.calendar_blocks import Block, wall_clock
from booking.desk.refusals import explain_action
from booking.desk.why_not.rule_words import FEW, explain_blocker


@dataclass(frozen=True, slots=True)
class RefusedLengths:
    """Lengths one after another, the shortest and the longest of them, that can't be for one reason."""

    first: LengthOption
    last: LengthOption
    text: str


def explain_length(option: LengthOption, zone: ZoneInfo) -> str:
    """Return what stands against a length, in few sentences; empty where nothing does."""
    if option.problem:
        return explain_action(option.problem)
    sentences = [
        *(str(_("%(name)s isn't free then.", name=each.name)) for each in option.unavailable),
        *(explain_blocker(blocker, zone) for blocker in option.blockers),
    ]
    return " ".join(sentences[:FEW])


def group_refused(options: Sequence[LengthOption], zone: ZoneInfo) -> list[RefusedLengths]:
    """Return the lengths that can't be, those against which the same stands in one."""
    runs = [list(run) for _reasons, run in groupby(options, key=_list_reasons)]
    return [
        RefusedLengths(run[0], run[-1], explain_length(run[0], zone))
        for run in runs
        if not run[0].is_possible
    ]


def _list_reasons(option: LengthOption) -> tuple[Hashable, ...]:
    rules = (blocker.rule for blocker in option.blockers)
    return (option.problem, *rules, *(resource.id for resource in option.unavailable))


def list_refused_ends(appointment: Appointment, now: datetime) -> Iterator[Block]:
    """Yield from when to when, after the first and to the last, an appointment's block can't end, with why.

    The block lasts as long as anything that the appointment claims.
    """
    location, options = get_location(appointment), list_length_options(appointment, now)
    claims = calendars.claims_by_appointment([appointment.id]).get(appointment.id, ())
    after = max((claim.ends_at for claim in claims), default=appointment.ends_at)
    after_end = after - appointment.ends_at
    local_day = location.local_day(appointment.local_date)

    def describe(begins: datetime, ends: datetime, text: str) -> Block:
        return {
            "start": wall_clock(begins, location),
            "end": wall_clock(ends, location),
            "text": text,
        }

    first, last = options[0].ends_at + after_end, options[-1].ends_at + after_end
    yield describe(appointment.starts_at, first - CELL, explain_action("too_short"))
    for each in group_refused(options, location.zone):
        begins, ends = (option.ends_at + after_end for option in (each.first, each.last))
        yield describe(begins - CELL, ends, each.text)
    yield describe(last, local_day.ends_at - timedelta(minutes=1), explain_action("no_such_length"))
