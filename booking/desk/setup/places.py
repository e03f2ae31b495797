"""Locations and services: what is said of them, what stands there, how long and how soon."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from booking.desk.setup.fields import (
    CHECKED,
    FieldGroup,
    Groups,
    Posted,
    SetupField,
    read_lines,
    read_number,
    read_scaled,
    read_text,
    read_texts,
    scaled,
)

CENTS = 100
DETAILS = ("name", "neutral_name", "address", "phone", "email", "emergency_room")
LISTS = ("rooms", "chairs")
NUMBERS = ("notice_minutes", "horizon_days", "step_minutes")


def place_groups(section: Mapping[str, Any], _clinic: Mapping[str, Any]) -> Groups:
    """Return the fields of a location: how it is called and reached, its rooms and chairs."""
    labels = (
        _("Name"),
        _("Discreet name, for texts"),
        _("Address"),
        _("Phone"),
        _("E-mail"),
        _("Nearest emergency room"),
    )
    details = [
        SetupField(name, str(label), str(section[name]))
        for name, label in zip(DETAILS, labels, strict=True)
    ]
    hint = str(_("One a line, in the order of the calendar. What is taken away is retired."))
    lists = [
        SetupField("rooms", str(_("Rooms")), "\n".join(section["rooms"]), "lines", hint),
        SetupField("chairs", str(_("Chairs")), "\n".join(section["chairs"]), "lines", hint),
    ]
    return [
        FieldGroup(str(_("The location")), details),
        FieldGroup(str(_("What stands there")), lists),
    ]


def read_place(section: dict[str, Any], posted: Posted, _today: date) -> dict[str, Any]:
    """Return a location with what was typed."""
    details = {name: read_text(posted, name) for name in DETAILS}
    return {**section, **details, **{name: read_lines(posted, name) for name in LISTS}}


def service_groups(section: Mapping[str, Any], _clinic: Mapping[str, Any]) -> Groups:
    """Return the fields of a service."""
    names = [
        SetupField("names.en", str(_("Name in English")), section["names"].get("en", "")),
        SetupField("names.es", str(_("Name in Spanish")), section["names"].get("es", "")),
        SetupField(
            "price_cents",
            str(_("Price in US dollars")),
            scaled(section.get("price_cents"), CENTS),
            hint=str(_("Empty: pages say nothing of a price")),
        ),
        SetupField(
            "online",
            str(_("Patients book it online")),
            CHECKED if section["online"] else "",
            "checkbox",
        ),
    ]
    labels = (
        _("Notice, in minutes"),
        _("Booked at most so many days ahead"),
        _("Starts lie on a grid of minutes"),
    )
    numbers = [
        SetupField(name, str(label), str(section[name]), "number")
        for name, label in zip(NUMBERS, labels, strict=True)
    ]
    return [
        FieldGroup(str(_("The service")), names),
        FieldGroup(str(_("How long it takes, in minutes")), _lengths(section)),
        FieldGroup(str(_("When it can be booked")), numbers),
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
        kind = _kind_name(need["kind"])
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


def _kind_name(kind: str) -> str:
    names = {
        "room": _("Room"),
        "chair": _("Chair"),
        "practitioner": _("Practitioner"),
        "seat": _("Nurse"),
    }
    return str(names[kind])


def read_service(section: dict[str, Any], posted: Posted, _today: date) -> dict[str, Any]:
    """Return a service with what was typed."""
    values = {
        **section,
        "names": read_texts(posted, "names"),
        "online": posted.get("online") == CHECKED,
        **{name: read_number(posted, name) for name in NUMBERS},
        **_read_lengths(section, posted),
    }
    price = read_scaled(posted, "price_cents", CENTS)
    return {**_without(values, "price_cents"), **({} if price == "" else {"price_cents": price})}


def _read_lengths(section: Mapping[str, Any], posted: Posted) -> dict[str, Any]:
    if "infusion" in section:
        parts = [read_number(posted, f"infusion.{number}") for number in range(3)]
        total = sum(part for part in parts if isinstance(part, int))
        return {"infusion": parts, "minutes": total}
    needs = [
        {
            **need,
            "minutes": read_number(posted, f"needs.{number}.minutes"),
            "offset": read_number(posted, f"needs.{number}.offset"),
        }
        for number, need in enumerate(section["needs"])
    ]
    return {"needs": needs, "minutes": read_number(posted, "minutes")}


def _without(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}
