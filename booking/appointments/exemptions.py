"""Booking against a rule of the calendar: who may, why, and what an appointment remembers of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from booking.appointments.models import Appointment
from booking.audit import operations as audit
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import NO_RULES, CalendarRule, OverriddenBy, Rules
from booking.calendars.ruled_days import Blocker
from booking.calendars.ruled_starts import read_ruled_days
from booking.calendars.rules import ResourceDemand
from booking.staff import operations as staff
from booking.staff.models import Role

PERMITTED: Mapping[OverriddenBy, frozenset[Role]] = {
    OverriddenBy.NOBODY: frozenset(),
    OverriddenBy.FRONT_DESK: frozenset(Role),
    OverriddenBy.STAFF: frozenset(Role),
    OverriddenBy.LEAD: frozenset({Role.PRACTITIONER, Role.MANAGER}),
    OverriddenBy.PRACTITIONER: frozenset({Role.PRACTITIONER}),
}


@dataclass(frozen=True, slots=True)
class ClaimTerms:
    """On which terms a time is taken: resources that come first, rules that are overridden, and why."""

    preferred_ids: Sequence[int] = ()
    exempt: Rules = NO_RULES
    reason: str = ""


USUAL_TERMS = ClaimTerms()


class OverrideRefused(Exception):
    """A start is against rules that were not named, or that whoever asks may not override.

    `rules` are the codes of all that stand against it.
    """

    def __init__(self, rules: Sequence[str]) -> None:
        super().__init__(", ".join(rules))
        self.rules = rules


def get_exempt_rules(appointment: Appointment | Row[Any]) -> Rules:
    """Return the rules of the calendar that somebody let an appointment go against, at its own time."""
    return frozenset(map(CalendarRule, appointment.exempt_rules))


def may_override(role: Role | None, override: OverriddenBy) -> bool:
    """Tell whether somebody with a role may book against a rule."""
    return role in PERMITTED[override]


def require_exemption(
    terms: ClaimTerms,
    location: LocationCalendar,
    demand: ResourceDemand,
    starts_at: datetime,
    now: datetime,
    actor: str,
    *,
    besides: int | None = None,
) -> Rules:
    """Return those of the rules to be overridden that a start (UTC) is in fact against.

    All that stand against it must be named, with a reason, and be `actor`'s to override. `besides` is the
    id of an appointment that moves there. Raises `OverrideRefused`.
    """
    if not terms.exempt:
        return NO_RULES
    day = starts_at.astimezone(location.zone).date()
    (ruled,) = read_ruled_days(location, demand, day, day, now, besides=besides)
    blockers, role = ruled.blockers_at(starts_at), staff.find_role(actor)
    if not terms.reason or not all(_is_named(each, terms.exempt, role) for each in blockers):
        raise OverrideRefused([each.rule.value for each in blockers])
    return frozenset(CalendarRule(each.rule) for each in blockers)


def _is_named(blocker: Blocker, exempt: Rules, role: Role | None) -> bool:
    return blocker.rule in exempt and may_override(role, blocker.override)


def keep_exemption(appointment: Appointment, exempt: Rules, now: datetime, actor: str) -> None:
    """Let an appointment remember the rules that it is booked against, and no others; who did is audited.

    The reason is among the appointment's own.
    """
    appointment.exempt_rules = sorted(exempt)
    if exempt:
        rules = " ".join(appointment.exempt_rules)
        audit.record(actor, "override_rules", "appointment", appointment.id, now, rules=rules)
