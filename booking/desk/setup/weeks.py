"""Opening hours and shifts: a week from a date on, and shifts of single days."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from booking.clinic.schema import ClinicFileError
from booking.clinic.weeks import Weekday
from booking.desk.setup.fields import (
    Choices,
    FieldGroup,
    Groups,
    Posted,
    SetupField,
    parse_number_or_text,
    parse_posted_day,
    parse_text,
)
from booking.desk.setup.typed_hours import format_typed_hours, normalize_hours
from booking.web.formats import format_short_day

NEW_ROWS = 2  # empty ones, for shifts of single days
EXTRA_HOURS = re.compile(r"extra_shifts\.(\d{1,4})\.hours")


def list_hours_groups(section: Mapping[str, Any], _clinic: Mapping[str, Any]) -> Groups:
    """Return the fields of a location's opening hours."""
    return [
        build_opening_group(section["hours"]),
        _start(section, "hours"),
    ]


def parse_hours(section: dict[str, Any], posted: Posted, today: date) -> dict[str, Any]:
    """Return a location with the hours that were typed."""
    return _from_day(section, "hours", parse_week(posted, "hours"), posted, today)


def list_staff_groups(section: Mapping[str, Any], clinic: Mapping[str, Any]) -> Groups:
    """Return the fields of somebody's shifts."""
    weeks = section.get("shifts", {})
    places = [(location["slug"], location["name"]) for location in clinic["locations"]]
    return [
        *_watches(section),
        *(_week_group(f"shifts.{slug}", weeks.get(slug, {}), name) for slug, name in places),
        _start(section, "shifts"),
        *_extra_groups(section.get("extra_shifts", []), places),
    ]


def parse_staff(section: dict[str, Any], posted: Posted, today: date) -> dict[str, Any]:
    """Return somebody with the shifts that were typed."""
    slugs = {name.split(".")[1] for name in posted if name.startswith("shifts.")}
    weeks = {slug: parse_week(posted, f"shifts.{slug}") for slug in sorted(slugs)}
    shifts = {slug: week for slug, week in weeks.items() if week}
    person = _from_day(section, "shifts", shifts, posted, today)
    if "watches" in section:
        person["watches"] = parse_number_or_text(posted, "watches")
    return {**person, "extra_shifts": _read_extra(posted)}


def _watches(section: Mapping[str, Any]) -> Groups:
    if "watches" not in section:
        return []
    watches = SetupField(
        "watches", str(_("Chairs watched at once")), str(section["watches"]), "number"
    )
    return [FieldGroup(str(_("At the chairs")), [watches])]


def build_opening_group(week: Mapping[str, str]) -> FieldGroup:
    """Return the fields of a location's week."""
    return _week_group("hours", week, str(_("Opening hours")), str(_("closed")))


def _week_group(name: str, week: Mapping[str, str], legend: str, nothing: str = "") -> FieldGroup:
    """Return a field for each day of the week."""
    fields = [
        SetupField(
            f"{name}.{day.value}",
            _day_name(day),
            format_typed_hours(week.get(day.value, "")),
            "hours",
            nothing=nothing,
        )
        for day in Weekday
    ]
    return FieldGroup(
        legend, fields, str(_("Like 8:00 AM - 5:30 PM, or 08:00-12:00, 13:00-17:30. Empty: none"))
    )


def _start(section: Mapping[str, Any], name: str) -> FieldGroup:
    starts = section.get(f"{name}_from")
    hint = str(_("Empty: from today"))
    if starts:
        hint = str(
            _(
                "What is above is announced. Until %(day)s other hours hold, which stay.",
                day=format_short_day(starts),
            )
        )
    field = SetupField(
        f"{name}_from", str(_("From")), starts.isoformat() if starts else "", "date", hint
    )
    return FieldGroup(str(_("Since when")), [field])


def _day_name(day: Weekday) -> str:
    names = (
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    )
    return str(names[day.number])


def _extra_groups(rows: list[dict[str, Any]], places: Choices) -> Groups:
    filled = [
        (row["day"].isoformat(), row["location"], format_typed_hours(row["hours"])) for row in rows
    ]
    return [
        FieldGroup(
            str(_("On one day alone (%(number)s)", number=number + 1)),
            [
                SetupField(f"extra_shifts.{number}.day", str(_("Day")), day, "date"),
                SetupField(
                    f"extra_shifts.{number}.location",
                    str(_("Where")),
                    slug,
                    "select",
                    choices=places,
                ),
                SetupField(f"extra_shifts.{number}.hours", str(_("Hours")), hours, "hours"),
            ],
        )
        for number, (day, slug, hours) in enumerate([*filled, *[("", "", "")] * NEW_ROWS])
    ]


def list_extra_rows(posted: Posted) -> list[str]:
    """Return the names of the rows of single days in which something was typed."""
    matches = (EXTRA_HOURS.fullmatch(name) for name in posted)
    numbers = sorted(int(match[1]) for match in matches if match)
    rows = [f"extra_shifts.{number}" for number in numbers]
    return [
        row
        for row in rows
        if parse_text(posted, f"{row}.day") or parse_text(posted, f"{row}.hours")
    ]


def _read_extra(posted: Posted) -> list[dict[str, Any]]:
    return [
        {
            "location": parse_text(posted, f"{row}.location"),
            "day": parse_posted_day(posted, f"{row}.day"),
            "hours": normalize_hours(parse_text(posted, f"{row}.hours")),
        }
        for row in list_extra_rows(posted)
    ]


def parse_week(posted: Posted, name: str) -> dict[str, str]:
    """Return the hours typed by day of the week, without the days that have none."""
    spans = {
        day.value: normalize_hours(parse_text(posted, f"{name}.{day.value}")) for day in Weekday
    }
    return {day: span for day, span in spans.items() if span}


def _from_day(
    section: dict[str, Any], name: str, week: dict[str, Any], posted: Posted, today: date
) -> dict[str, Any]:
    """Return a section with a week from a day on; until then, what holds now goes on."""
    starts = parse_posted_day(posted, f"{name}_from")
    rest = {key: value for key, value in section.items() if not key.startswith(name)}
    if isinstance(starts, date) and starts < today:
        raise ClinicFileError(
            [str(_("%(place)s: Enter today or a later day.", place=f"{name}_from"))]
        )
    if starts in ("", today):
        return {**rest, name: week}
    holding = section.get(f"{name}_before", section.get(name, {}))
    return {**rest, name: week, f"{name}_from": starts, f"{name}_before": holding}
