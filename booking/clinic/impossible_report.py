"""Appointments that a clinic file hurts, as lines for whoever loads it: no names of patients."""

from collections.abc import Iterable, Mapping, Sequence

from booking.appointments.impossible import MisfitAppointment
from booking.appointments.resource_exchange import ResourceExchange
from booking.calendars.misfits import MisfitReason
from booking.locations import operations as locations

REASONS: Mapping[MisfitReason, str] = {
    MisfitReason.LOCATION_GONE: "the location is closed for good",
    MisfitReason.SERVICE_GONE: "its service is no longer offered",
    MisfitReason.OTHER_LOCAL_TIME: "the location's clocks would show another time",
    MisfitReason.CLOSED: "the location is closed then",
    MisfitReason.OUTSIDE_HOURS: "it is outside the opening hours",
    MisfitReason.RESOURCE_GONE: "{resource} is no longer there",
    MisfitReason.PRACTITIONER_AWAY: "{resource} has no shift there then",
    MisfitReason.TOO_FEW_NURSES: "too few nurses are on shift",
    MisfitReason.NO_PRESCRIBER: "no practitioner is on shift throughout",
    MisfitReason.RELEASED: "its time had to be given up",
    MisfitReason.TAKES_LONGER: "its service takes more than is kept for it",
}


def describe_exchanges(exchanges: Sequence[ResourceExchange]) -> list[str]:
    """Return a line for each that keeps its time: with what, in place of what."""
    names = _names(
        {
            resource
            for exchange in exchanges
            for resource in exchange.removed_ids | exchange.added_ids
        }
    )
    return [
        f"exchanged for {_when(exchange.was)}: {_listed(exchange.added_ids, names)}"
        f" in place of {_listed(exchange.removed_ids, names)}"
        for exchange in exchanges
    ]


def describe_impossible(impossibles: Sequence[MisfitAppointment]) -> list[str]:
    """Return a line for each that can't take place, and why."""
    names = _names(
        {
            impossible.problem.resource_id
            for impossible in impossibles
            if impossible.problem.resource_id
        }
    )
    return [
        f"appointment {_when(impossible)}: {_reason(impossible, names)}"
        for impossible in impossibles
    ]


def _when(impossible: MisfitAppointment) -> str:
    """Return its reference and its local time with the zone."""
    starts_at = impossible.starts_at.astimezone(impossible.zone)
    return f"{impossible.reference}, {starts_at:%a %Y-%m-%d %H:%M} ({impossible.zone.key})"


def _names(ids: Iterable[int]) -> dict[int, str]:
    return {key: row.name for key, row in locations.get_resources(sorted(ids)).items()}


def _listed(ids: Iterable[int], names: Mapping[int, str]) -> str:
    return ", ".join(sorted(names[resource_id] for resource_id in ids))


def _reason(impossible: MisfitAppointment, names: Mapping[int, str]) -> str:
    return REASONS[impossible.reason].format(
        resource=names.get(impossible.problem.resource_id or 0, "")
    )
