"""The rules of the clinic's calendar, and beside each who may book against it."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from booking.calendars.local_days import CELL_MINUTES
from booking.calendars.rules import ResourceDemand


class CalendarRule(StrEnum):
    """A rule of the clinic's calendar, as a code; beside it the facts a blocker comes with."""

    GRID = "grid"  # before, after: the nearest starts; step: minutes
    LOCATION_GONE = "location_gone"  # retired, or infusions are no longer offered
    CLOSED = "closed"  # name, first_day, last_day
    OUTAGE = "outage"  # begins, ends: when the location is closed for once
    HOURS = "hours"  # begins, ends: all that it occupies; opening: begin and end of each stretch
    ROOM = "room"  # count: of rooms; outages: of rooms out of order; full_at: when none is free
    CHAIR = "chair"  # the same of chairs
    PRACTITIONER = "practitioner"  # the same of practitioners there at all
    PRACTITIONER_AWAY = "practitioner_away"  # resource_id: who was chosen; at: when not on shift
    PRACTITIONER_BUSY = "practitioner_busy"  # the same, on shift and taken
    SETUP_NURSE = "setup_nurse"  # at: when; needed, free, on_shift: seats then
    NURSE_LOAD = "nurse_load"  # the same of those that watch
    PRESCRIBER = "prescriber"  # begins, ends: the first time with none on site
    PAST = "past"
    NOT_ONLINE = "not_online"  # staff alone book the service
    NOTICE = "notice"  # opens_at: the first start that may be booked online
    HORIZON = "horizon"  # last_day


class OverriddenBy(StrEnum):
    """Who may book against a rule. From `STAFF` on, a reason has to be given, and is kept."""

    NOBODY = "nobody"
    FRONT_DESK = "front_desk"  # anybody, without a reason: it binds those who book online, or plans
    STAFF = "staff"  # anybody who works here
    LEAD = "lead"  # a practitioner or a manager: others have to stay, or to come in
    PRACTITIONER = "practitioner"  # it is about treatment


Rules = frozenset[CalendarRule]
NO_RULES: Rules = frozenset()
# Against all others nobody books: what is taken is taken, what is gone is gone.
OVERRIDES: Mapping[CalendarRule, OverriddenBy] = {
    CalendarRule.GRID: OverriddenBy.STAFF,
    CalendarRule.HOURS: OverriddenBy.LEAD,
    CalendarRule.CLOSED: OverriddenBy.LEAD,
    CalendarRule.OUTAGE: OverriddenBy.LEAD,
    CalendarRule.PRACTITIONER: OverriddenBy.LEAD,  # who is free then, though on no shift
    CalendarRule.PRACTITIONER_AWAY: OverriddenBy.LEAD,
    CalendarRule.SETUP_NURSE: OverriddenBy.PRACTITIONER,
    CalendarRule.NURSE_LOAD: OverriddenBy.PRACTITIONER,
    CalendarRule.PRESCRIBER: OverriddenBy.PRACTITIONER,
    CalendarRule.NOT_ONLINE: OverriddenBy.FRONT_DESK,
    CalendarRule.NOTICE: OverriddenBy.FRONT_DESK,
    CalendarRule.HORIZON: OverriddenBy.FRONT_DESK,
}
# What binds those alone who book online.
ONLINE_RULES = (CalendarRule.NOT_ONLINE, CalendarRule.NOTICE, CalendarRule.HORIZON)
# What gives way as somebody comes in who is on no shift then.
PRACTITIONER_SHIFTS = frozenset({CalendarRule.PRACTITIONER, CalendarRule.PRACTITIONER_AWAY})
NURSE_SHIFTS = frozenset({CalendarRule.SETUP_NURSE, CalendarRule.NURSE_LOAD})
ALL_SHIFTS = PRACTITIONER_SHIFTS | NURSE_SHIFTS


def widen_shift_rules(exempt: Rules) -> Rules:
    """Return rules with both of practitioners' shifts where one is among them: who came in was chosen."""
    return exempt | PRACTITIONER_SHIFTS if exempt & PRACTITIONER_SHIFTS else exempt


def exempt_demand(demand: ResourceDemand, exempt: Rules) -> ResourceDemand:
    """Return what an appointment needs that some rules don't bind."""
    if CalendarRule.GRID in exempt:
        demand = replace(demand, step=CELL_MINUTES)
    return replace(demand, prescriber=False) if CalendarRule.PRESCRIBER in exempt else demand
