"""Keeps the demo and a clinic apart: neither starts on the other's settings or database."""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from booking.demo.loopback import DEMO_ACCOUNT
from booking.demo.own_database import file_of, is_a_clinics, is_the_demos
from config import DEMO_DATABASE_URL, Defaults


class Mixed(RuntimeError):
    """A demo has something of a clinic's, or a clinic of the demo's; the message names each setting."""


def keep_apart(settings: MutableMapping[str, Any]) -> None:
    """Give the demo its own database where none is named; raise `Mixed` where the two mix."""
    if settings["DEMO"] and settings["DATABASE_URL"] == Defaults.DATABASE_URL:
        settings["DATABASE_URL"] = DEMO_DATABASE_URL
    if mixed := problems(settings):
        raise Mixed("\n".join(mixed))


def problems(settings: Mapping[str, Any]) -> list[str]:
    """Return each setting that makes a demo of a clinic, or a clinic of the demo."""
    return list(_of_a_demo(settings) if settings["DEMO"] else _of_a_clinic(settings))


def _of_a_demo(settings: Mapping[str, Any]) -> Iterator[str]:
    file = file_of(settings["DATABASE_URL"])
    if file is None:
        yield "BOOKING_DATABASE_URL: the demo has a SQLite file of its own; leave it unset"
    elif is_a_clinics(file):
        yield f"BOOKING_DATABASE_URL: the demo did not make {file}"
    if _is_public(settings):
        yield "BOOKING_PUBLIC_URL: the demo's passwords are known to all; it is not for https"
    if settings["TWILIO_ACCOUNT_SID"] not in ("", DEMO_ACCOUNT.sid):
        yield "BOOKING_TWILIO_ACCOUNT_SID: the demo sends no real texts"
    if settings["SMTP_URL"]:
        yield "BOOKING_SMTP_URL: the demo sends no real e-mail"


def _of_a_clinic(settings: Mapping[str, Any]) -> Iterator[str]:
    file = file_of(settings["DATABASE_URL"])
    if file is not None and is_the_demos(file):
        yield f"BOOKING_DATABASE_URL: the demo made {file}; its passwords are known to all"
    if settings["DEMO_PROVIDER_URL"]:
        yield "BOOKING_DEMO_PROVIDER_URL: only the demo has one"
    if _is_public(settings) and settings["TWILIO_ACCOUNT_SID"] == DEMO_ACCOUNT.sid:
        yield "BOOKING_TWILIO_ACCOUNT_SID: the demo's account is known to all"


def _is_public(settings: Mapping[str, Any]) -> bool:
    return str(settings["PUBLIC_URL"]).lower().startswith("https:")
