"""Locations and services: what is said of them, what stands there, how long and how soon."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from booking.desk.setup.fields import (
    CHECKED,
    GONE,
    FieldGroup,
    Groups,
    Posted,
    SetupField,
    parse_lines,
    parse_number_or_text,
    parse_scaled,
    parse_text,
    parse_texts,
    scaled,
)
from booking.web.page_language import list_language_names

CENTS = 100
DETAILS = ("name", "neutral_name", "address", "phone", "email", "emergency_room")
LISTS = ("rooms", "chairs")
NUMBERS = ("notice_minutes", "horizon_days", "step_minutes")


def list_place_groups(section: Mapping[str, Any], _clinic: Mapping[str, Any]) -> Groups:
    """Return the fields of a location: how it is called and reached, its rooms and chairs."""
    gone = SetupField(GONE, str(_("Close this location for good")), kind="checkbox")
    return [*describe_place(section), FieldGroup(str(_("The end of it")), [gone])]


def describe_place(section: Mapping[str, Any]) -> Groups:
    """Return the fields that say what a location is; those of a new one are empty."""
    labels = (
        _("Name"),
        _("Discreet name, for texts"),
        _("Address"),
        _("Phone"),
        _("E-mail"),
        _("Nearest emergency room"),
    )
    details = [
        SetupField(name, str(label), str(section.get(name, "")))
        for name, label in zip(DETAILS, labels, strict=True)
    ]
    hint = str(_("One a line, in the order of the calendar. What is taken away is retired."))
    lists = [
        SetupField(name, str(label), "\n".join(section.get(name, ())), "lines", hint)
        for name, label in zip(LISTS, (_("Rooms"), _("Chairs")), strict=True)
    ]
    return [
        FieldGroup(str(_("The location")), details),
        FieldGroup(str(_("What stands there")), lists),
    ]


def parse_place(section: dict[str, Any], posted: Posted, _today: date) -> dict[str, Any] | None:
    """Return a location with what was typed, none where it is closed for good."""
    if posted.get(GONE) == CHECKED:
        return None
    details = {name: parse_text(posted, name) for name in DETAILS}
    return {**section, **details, **{name: parse_lines(posted, name) for name in LISTS}}


def list_service_groups(section: Mapping[str, Any], _clinic: Mapping[str, Any]) -> Groups:
    """Return the fields of a service."""
    gone = SetupField(GONE, str(_("Offer it no longer")), kind="checkbox")
    return [
        FieldGroup(str(_("The service")), list_service_fields(section)),
        FieldGroup(str(_("How long it takes, in minutes")), _lengths(section)),
        FieldGroup(str(_("When it can be booked")), describe_notice(section)),
        FieldGroup(str(_("The end of it")), [gone]),
    ]


def list_service_fields(section: Mapping[str, Any]) -> list[SetupField]:
    """Return the fields that say what a service is; those of a new one are empty."""
    names = section.get("names", {})
    return [
        *(
            SetupField(
                f"names.{code}",
                str(_("Name in %(language)s", language=language)),
                names.get(code, ""),
            )
            for code, language in list_language_names()
        ),
        SetupField(
            "price_cents",
            str(_("Price in US dollars")),
            scaled(section.get("price_cents"), CENTS),
            hint=str(_("Empty: pages say nothing of a price")),
        ),
        SetupField(
            "online",
            str(_("Patients book it online")),
            CHECKED if section.get("online") else "",
            "checkbox",
        ),
    ]


def describe_notice(section: Mapping[str, Any]) -> list[SetupField]:
    """Return the fields that say when a service can be booked."""
    labels = (
        _("Notice, in minutes"),
        _("Booked at most so many days ahead"),
        _("Starts lie on a grid of minutes"),
    )
    return [
        SetupField(name, str(label), str(section[name]), "number")
        for name, label in zip(NUMBERS, labels, strict=True)
    ]


def _lengths(section: Mapping[str, Any]) -> list[SetupField]:
    if "infusion" in section:
        labels = (_("Setup"), _("Infusion"), _("Recovery"))
        return [
            SetupField(f"infusion.{number}", str(label), str(section["infusion"][number]), "number")
            for number, label in enumerate(labels)
        ]
    fields = [SetupField("minutes", str(_("For the patient")), str(section["minutes"]), "number")]
    for number, need in enumerate(section["needs"]):
        kind = name_need(need["kind"])
        fields += [
            SetupField(
                f"needs.{number}.minutes",
                str(_("%(kind)s, with the time after it", kind=kind)),
                str(need["minutes"]),
                "number",
            ),
            SetupField(
                f"needs.{number}.offset",
                str(_("%(kind)s, from so long after the start", kind=kind)),
                str(need.get("offset", 0)),
                "number",
                str(_("Below 0: before it")),
            ),
        ]
    return fields


def name_need(kind: str) -> str:
    """Return what a service may need, in words."""
    names = {
        "room": _("Room"),
        "chair": _("Chair"),
        "practitioner": _("Practitioner"),
        "seat": _("Nurse"),
    }
    return str(names[kind])


def parse_service(section: dict[str, Any], posted: Posted, _today: date) -> dict[str, Any] | None:
    """Return a service with what was typed, none where it is offered no longer."""
    if posted.get(GONE) == CHECKED:
        return None
    description = parse_description(section, posted)
    values = {**section, **description, **_read_lengths(section, posted)}
    return values if "price_cents" in description else _without(values, "price_cents")


def parse_description(section: Mapping[str, Any], posted: Posted) -> dict[str, Any]:
    """Return what was typed of a service beside what it needs; `section` is what it was."""
    price = parse_scaled(posted, "price_cents", CENTS, "$")
    return {
        "names": parse_texts(posted, "names", section.get("names", {})),
        "online": posted.get("online") == CHECKED,
        **{name: parse_number_or_text(posted, name) for name in NUMBERS},
        **({} if price == "" else {"price_cents": price}),
    }


def _read_lengths(section: Mapping[str, Any], posted: Posted) -> dict[str, Any]:
    if "infusion" in section:
        parts = [parse_number_or_text(posted, f"infusion.{number}") for number in range(3)]
        total = sum(part for part in parts if isinstance(part, int))
        return {"infusion": parts, "minutes": total}
    needs = [
        {
            **need,
            "minutes": parse_number_or_text(posted, f"needs.{number}.minutes"),
            "offset": parse_number_or_text(posted, f"needs.{number}.offset"),
        }
        for number, need in enumerate(section["needs"])
    ]
    return {"needs": needs, "minutes": parse_number_or_text(posted, "minutes")}


def _without(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}
