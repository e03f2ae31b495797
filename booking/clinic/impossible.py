"""Appointments that a clinic file makes impossible, as lines for whoever loads it: no names of patients."""

from collections.abc import Mapping, Sequence

from booking.appointments.misfits import Impossible
from booking.calendars.fitting import Misfit
from booking.locations import operations as locations

REASONS: Mapping[Misfit, str] = {
    Misfit.LOCATION_GONE: "the location is closed for good",
    Misfit.SERVICE_GONE: "its service is no longer offered",
    Misfit.OTHER_LOCAL_TIME: "the location's clocks would show another time",
    Misfit.CLOSED: "the location is closed on that day",
    Misfit.OUTSIDE_HOURS: "it is outside the opening hours",
    Misfit.RESOURCE_GONE: "{resource} is no longer there",
    Misfit.PRACTITIONER_AWAY: "{resource} has no shift there then",
    Misfit.TOO_FEW_NURSES: "too few nurses are on shift",
    Misfit.NO_PRESCRIBER: "no practitioner is on shift throughout",
    Misfit.TAKES_LONGER: "its service takes more than is kept for it",
}


def lines_of(impossible: Sequence[Impossible]) -> list[str]:
    """Return a line for each: its reference, its local time with the zone, and why."""
    missing = {one.unfit.resource_id for one in impossible if one.unfit.resource_id}
    names = {key: row.name for key, row in locations.resources(sorted(missing)).items()}
    return [
        f"appointment {one.reference}, {one.starts_at.astimezone(one.zone):%a %Y-%m-%d %H:%M}"
        f" ({one.zone.key}): {_reason(one, names)}"
        for one in impossible
    ]


def _reason(one: Impossible, names: Mapping[int, str]) -> str:
    return REASONS[one.why].format(resource=names.get(one.unfit.resource_id or 0, ""))
