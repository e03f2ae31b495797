"""Locations, schedules and slots as FHIR R4 resources, named neutrally (DESIGN §4, 10)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for

from booking.calendars import availability
from booking.calendars.catalogue import CONSULTATION, BookableService, Catalogue
from booking.calendars.location_calendars import LocationCalendar
from booking.interchange.fhir.ids import UnknownId, make_schedule_id, make_slot_id, parse_slot_id
from booking.interchange.fhir.postal_addresses import address_to_fhir
from booking.locations.models import Location
from booking.reminders.contexts import public_address

Resource = dict[str, Any]
EXTENSIONS = "http://fhir-registry.smarthealthit.org/StructureDefinition/"
BOOKING_LINK = EXTENSIONS + "booking-deep-link"
CAPACITY = EXTENSIONS + "slot-capacity"
START_IN_LINK = "%Y-%m-%dT%H:%MZ"


def public_url() -> str:
    """Return the service's own address, without a slash at its end."""
    return public_address("")


def base_url() -> str:
    """Return the address below which resources are read."""
    return public_url() + "/fhir"


def questionnaire_url() -> str:
    """Return what the safety questions are named by, whatever their version: their canonical address."""
    return base_url() + "/Questionnaire/screening"


def location_to_fhir(location: Location) -> Resource:
    """Return a place of the clinic; its identifier is the slug that our own API names it by."""
    return {
        "resourceType": "Location",
        "id": location.slug,
        "identifier": [{"system": f"{public_url()}/api/v1/locations", "value": location.slug}],
        "status": "active",
        "name": location.neutral_name,
        "telecom": [
            {"system": "phone", "value": location.phone},
            {"system": "url", "value": public_url() + url_for("site.show_start")},
        ],
        "address": address_to_fhir(location.address),
    }


def list_online_services(catalogue: Catalogue) -> list[BookableService]:
    """Return the services that can be booked without the desk."""
    return [service for service in catalogue.services.values() if service.bookable_online]


def iter_schedules(catalogue: Catalogue) -> Iterator[tuple[LocationCalendar, BookableService]]:
    """Yield what has a schedule: each service that can be booked online, at each location."""
    for location in catalogue.locations.values():
        for service in list_online_services(catalogue):
            yield location, service


def service_type_to_fhir(service: BookableService) -> Resource:
    """Return what is booked, under the name that patients read."""
    name = service.names["en"]
    system = f"{public_url()}/api/v1/services"
    coding = {"system": system, "code": service.slug, "display": name}
    return {"coding": [coding], "text": name}


def schedule_to_fhir(location: LocationCalendar, service: BookableService) -> Resource:
    """Return one service's schedule at one location."""
    return {
        "resourceType": "Schedule",
        "id": make_schedule_id(location.id, service.id),
        "active": True,
        "serviceType": [service_type_to_fhir(service)],
        "actor": [{"reference": f"Location/{location.slug}", "display": location.neutral_name}],
    }


@dataclass(frozen=True, slots=True)
class SlotSchedule:
    """What all slots of a schedule have alike; `link`: the start of the address of our page of a time."""

    id: str
    minutes: int
    zone: ZoneInfo
    link: str | None


def describe_slots(location: LocationCalendar, service: BookableService) -> SlotSchedule:
    """Return what the slots of a service at a location have alike."""
    link = None
    if service.slug == CONSULTATION:  # our pages book no other
        link = public_url() + url_for("site.choose_time", location=location.slug, start="")
    return SlotSchedule(
        make_schedule_id(location.id, service.id), service.minutes, location.zone, link
    )


def slot_to_fhir(schedule: SlotSchedule, starts_at: datetime, status: str = "free") -> Resource:
    """Return a slot; times carry the offset of the location's zone on their own date."""
    extensions: list[Resource] = [{"url": CAPACITY, "valueInteger": 1}]
    if schedule.link is not None:
        start = starts_at.astimezone(UTC).strftime(START_IN_LINK)
        extensions.insert(0, {"url": BOOKING_LINK, "valueUrl": schedule.link + start})
    return {
        "resourceType": "Slot",
        "id": make_slot_id(schedule.id, starts_at),
        "schedule": {"reference": f"Schedule/{schedule.id}"},
        "status": status,
        "start": write_instant(starts_at, schedule.zone),
        "end": write_instant(starts_at + timedelta(minutes=schedule.minutes), schedule.zone),
        "extension": extensions,
    }


def resolve_slot_id(slot_id: str) -> tuple[LocationCalendar, BookableService, datetime]:
    """Return what a slot of a schedule is made of, free or not. Raises `UnknownId`."""
    key = parse_slot_id(slot_id)
    for location, service in iter_schedules(availability.current_catalogue()):
        if (location.id, service.id) == (key.location_id, key.service_id):
            return location, service, key.starts_at
    raise UnknownId(slot_id)


def write_instant(instant: datetime, zone: tzinfo) -> str:
    """Return an instant as FHIR writes it, in a zone."""
    return instant.astimezone(zone).isoformat(timespec="seconds")
