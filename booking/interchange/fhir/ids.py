"""Ids of resources: of slots what they are made of, of appointments the token that is their proof."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from datetime import UTC, datetime
from typing import NamedTuple

from booking.dates import is_plausible_date

START = "%Y%m%dT%H%MZ"
SLOT_ID = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{8}T\d{4}Z)", re.ASCII)


class SlotId(NamedTuple):
    """What a slot's id says, in the order in which slots are listed; `starts_at` in UTC."""

    starts_at: datetime
    location_id: int
    service_id: int


class UnknownId(LookupError):
    """No resource has this id."""


def make_schedule_id(location_id: int, service_id: int) -> str:
    """Return the id of a schedule: rows' numbers, as two slugs may be longer than an id."""
    return f"{location_id}.{service_id}"


def make_slot_id(schedule_id: str, starts_at: datetime) -> str:
    """Return the id of a slot, by which it can be looked up: its schedule's and its start."""
    return f"{schedule_id}.{starts_at.astimezone(UTC).strftime(START)}"


def parse_slot_id(slot_id: str) -> SlotId:
    """Return what a slot's id says. Raises `UnknownId`, also beyond the calendar."""
    match = SLOT_ID.fullmatch(slot_id)
    try:
        location_id, service_id, start = match.groups() if match else ("", "", "")
        starts_at = datetime.strptime(start, START).replace(tzinfo=UTC)
    except ValueError as error:
        raise UnknownId(slot_id) from error
    if not is_plausible_date(starts_at.date()):
        raise UnknownId(slot_id)
    return SlotId(starts_at, int(location_id), int(service_id))


def token_to_id(token: str) -> str:
    """Return the id of the appointment with this token: an id of FHIR has no underscore."""
    return urlsafe_b64decode(token + "=" * (-len(token) % 4)).hex()


def id_to_token(appointment_id: str) -> str:
    """Return the token that an appointment's id stands for. Raises `UnknownId`."""
    try:
        token = urlsafe_b64encode(bytes.fromhex(appointment_id)).decode().rstrip("=")
    except (ValueError, Error) as error:
        raise UnknownId(appointment_id) from error
    if token_to_id(token) != appointment_id:
        raise UnknownId(appointment_id)
    return token


def parse_reference(reference: str, kind: str) -> str:
    """Return the id of a reference to a resource of a kind, relative or absolute. Raises `UnknownId`."""
    kind_and_id = reference.rsplit("/", 2)[-2:]
    if len(kind_and_id) != 2 or kind_and_id[0] != kind:
        raise UnknownId(reference)
    return kind_and_id[1]
