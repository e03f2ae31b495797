"""Holidays by the names people use, dated by the `holidays` library."""

from datetime import date, timedelta
from functools import cache

import holidays

# Clinics close on it, and no calendar of public holidays has it everywhere.
AFTER_THANKSGIVING = "Day After Thanksgiving"


@cache
def KNOWN_HOLIDAYS(state: str) -> frozenset[str]:  # noqa: N802 - a constant for each state
    """Return the names a clinic file may use in this US state."""
    named = holidays.country_holidays("US", subdiv=state, years=[2026, 2027], observed=False)
    return frozenset(
        {name for names in named.values() for name in names.split("; ")} | {AFTER_THANKSGIVING}
    )


def dates_of(names: list[str], state: str, first: date, last: date) -> dict[date, str]:
    """Return the days in [first, last] on which a clinic keeping these holidays is closed.

    A holiday that is observed on another day closes the clinic on both.
    """
    years = range(first.year, last.year + 1)
    kept = {}
    for day, listed in holidays.country_holidays("US", subdiv=state, years=years).items():
        for name in listed.split("; "):
            if name.removesuffix(" (observed)") in names:
                kept[day] = name
            if name == "Thanksgiving Day" and AFTER_THANKSGIVING in names:
                kept[day + timedelta(days=1)] = AFTER_THANKSGIVING
    return {day: name for day, name in sorted(kept.items()) if first <= day <= last}
