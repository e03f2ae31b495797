"""Holidays by the names people use, dated by the `holidays` library."""

from collections.abc import Collection
from datetime import date, timedelta
from importlib import import_module
from typing import Any

THANKSGIVING = "Thanksgiving Day"
# Clinics close on it, and few calendars of public holidays have it (CLINICAL §5).
AFTER_THANKSGIVING = "Day After Thanksgiving"
OBSERVED = " (observed)"
SAMPLE_YEARS = (2025, 2026, 2027, 2028)  # every holiday falls, and is named, in one of these


def list_states() -> frozenset[str]:
    """Return the codes of the US states and territories."""
    return frozenset(_us_holidays().subdivisions)


def list_holiday_names(state: str) -> frozenset[str]:
    """Return the names that a clinic file may use in this US state."""
    calendar = _us_holidays(subdiv=state, years=SAMPLE_YEARS, observed=False)
    return frozenset({name for names in calendar.values() for name in names.split("; ")}) | {
        AFTER_THANKSGIVING
    }


def list_holiday_dates(
    names: Collection[str], state: str, first: date, last: date
) -> dict[date, str]:
    """Return the days in [first, last] on which a clinic that keeps these holidays is closed.

    A holiday that is observed on another day closes the clinic on both.
    """
    names_by_date: dict[date, str] = {}
    years = range(first.year - 1, last.year + 2)  # New Year's Day may be observed the year before
    for day, listed_names in _us_holidays(subdiv=state, years=years).items():
        for name in listed_names.split("; "):
            if name.removesuffix(OBSERVED) in names:
                names_by_date.setdefault(day, name)
            if name == THANKSGIVING and AFTER_THANKSGIVING in names:
                names_by_date[day + timedelta(days=1)] = AFTER_THANKSGIVING
    return {day: names_by_date[day] for day in sorted(names_by_date) if first <= day <= last}


def _us_holidays(**options: Any) -> Any:
    """Return the library's calendar; imported where it is asked for, as it costs a web process megabytes."""
    return import_module("holidays").country_holidays("US", **options)
