"""Locations and services that are new, and the holidays: what stands in no section of its own yet."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _

from booking.clinic.holidays import list_holiday_names
from booking.desk.setup.fields import (
    FieldGroup,
    Groups,
    Posted,
    SetupField,
    make_slug,
    parse_number_or_text,
    parse_text,
)
from booking.desk.setup.places import (
    describe_notice,
    describe_place,
    list_service_fields,
    name_need,
    parse_description,
    parse_place,
)
from booking.desk.setup.weeks import build_opening_group, parse_week
from booking.locations.rules import ResourceKind

HOLIDAY = "holidays."
USUAL_NOTICE = {
    "notice_minutes": 120,
    "horizon_days": 60,
    "step_minutes": 15,
}  # minutes, days, minutes
NEEDED = (ResourceKind.PRACTITIONER, ResourceKind.ROOM, ResourceKind.CHAIR, ResourceKind.SEAT)


def new_place_groups(_section: Mapping[str, Any], clinic: Mapping[str, Any]) -> Groups:
    """Return the fields of a location that is added; its clocks are the first one's until said otherwise."""
    zone = SetupField(
        "time_zone", str(_("Time zone")), clinic["locations"][0]["time_zone"],
        hint=str(_("Like America/Phoenix. It stays as it is once appointments are booked there.")),
    )  # fmt: skip
    details, equipment = describe_place({})
    return [
        FieldGroup(details.legend, [*details.fields, zone]),
        equipment,
        build_opening_group({}),
    ]


def parse_new_place(_section: Any, posted: Posted, today: date) -> dict[str, Any]:
    """Return the location that was typed, open from today on."""
    values = {
        "slug": new_place_slug(posted),
        "time_zone": parse_text(posted, "time_zone"),
        "hours": parse_week(posted, "hours"),
    }
    return {**values, **(parse_place({}, posted, today) or {})}


def new_place_slug(posted: Posted) -> str:
    """Return what a location that is added is known by in addresses."""
    return make_slug(parse_text(posted, "name"), "location")


def new_service_groups(_section: Mapping[str, Any], _clinic: Mapping[str, Any]) -> Groups:
    """Return the fields of a service that is added."""
    needs = [
        SetupField(
            f"needs.{kind}", name_need(kind), kind="number", hint=str(_("Empty: not needed"))
        )
        for kind in NEEDED
    ]
    minutes = SetupField("minutes", str(_("For the patient")), kind="number")
    return [
        FieldGroup(str(_("The service")), list_service_fields({})),
        FieldGroup(str(_("How long it takes, in minutes")), [minutes, *needs]),
        FieldGroup(str(_("When it can be booked")), describe_notice(USUAL_NOTICE)),
    ]


def parse_new_service(_section: Any, posted: Posted, _today: date) -> dict[str, Any]:
    """Return a new service as the clinic file would have it, unchecked."""
    needs = [
        {"kind": kind.value, "minutes": parse_number_or_text(posted, f"needs.{kind}")}
        for kind in NEEDED
        if parse_text(posted, f"needs.{kind}")
    ]
    values = {"slug": new_service_slug(posted), "minutes": parse_number_or_text(posted, "minutes")}
    return {**values, **parse_description({}, posted), "needs": needs}


def new_service_slug(posted: Posted) -> str:
    """Return what a service that is added is known by in addresses."""
    return make_slug(parse_text(posted, "names.en"), "service")


def list_holiday_groups(section: Sequence[str], clinic: Mapping[str, Any]) -> Groups:
    """Return a box for each holiday of the state, checked where the clinic keeps it."""
    names = sorted(list_holiday_names(clinic["state"]))
    boxes = [
        SetupField(
            f"{HOLIDAY}{number}", name, name if name in section else "", "checkbox", sends=name
        )
        for number, name in enumerate(names)
    ]
    return [FieldGroup(str(_("Closed on these days, at every location")), boxes)]


def parse_holidays(_section: Any, posted: Posted, _today: date) -> list[str]:
    """Return the holidays that were checked."""
    return [name for field, name in posted.items() if field.startswith(HOLIDAY)]
