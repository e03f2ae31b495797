"""Appointments as FHIR R4 resources: proposed, held, booked. Whose they are is in none of them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import url_for

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars import availability
from booking.calendars.catalogue import BookableService
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.slots import Slot
from booking.interchange.fhir.ids import make_schedule_id, make_slot_id, token_to_id
from booking.interchange.fhir.resources import (
    Resource,
    base_url,
    public_url,
    service_type_to_fhir,
    write_instant,
)


def proposal_to_fhir(slot: Slot) -> Resource:
    """Return a slot as an appointment that could be held; its id is the slot's."""
    slot_id = _slot_id(slot.location, slot.service, slot.starts_at)
    return {
        "resourceType": "Appointment",
        "id": slot_id,
        "status": "proposed",
        **_describe_proposal(slot.location, slot.service, slot.starts_at),
        "start": write_instant(slot.starts_at, slot.location.zone),
        "end": write_instant(slot.ends_at, slot.location.zone),
        "minutesDuration": slot.service.minutes,
        "participant": [_place(slot.location, "tentative")],
    }


def appointment_to_fhir(appointment: Appointment) -> Resource:
    """Return an appointment or a hold; times in the zone that was promised for them.

    What can't be booked online isn't named: whoever reads over a shoulder learns of no treatment.
    """
    catalogue = availability.current_catalogue()
    location = catalogue.locations_by_id[appointment.location_id]
    service = catalogue.services_by_id[appointment.service_id]
    zone = ZoneInfo(appointment.time_zone)
    is_held = appointment.status is Status.PENDING
    proposal = _describe_proposal(location, service, appointment.starts_at)
    return {
        "resourceType": "Appointment",
        "id": token_to_id(appointment.token),
        **(_describe_hold(appointment, zone) if is_held else _describe_booked(appointment)),
        "status": appointment.status.value,
        **(proposal if service.bookable_online else {}),
        "start": write_instant(appointment.starts_at, zone),
        "end": write_instant(appointment.ends_at, zone),
        "created": write_instant(appointment.created_at, UTC),
        "participant": [_place(location, "tentative" if is_held else "accepted")],
    }


def _slot_id(location: LocationCalendar, service: BookableService, starts_at: datetime) -> str:
    return make_slot_id(make_schedule_id(location.id, service.id), starts_at)


def _describe_proposal(
    location: LocationCalendar, service: BookableService, starts_at: datetime
) -> Resource:
    return {
        "serviceType": [service_type_to_fhir(service)],
        "slot": [{"reference": f"Slot/{_slot_id(location, service, starts_at)}"}],
    }


def _describe_hold(hold: Appointment, zone: ZoneInfo) -> Resource:
    if hold.expires_at is None:
        return {}
    url = base_url() + "/StructureDefinition/held-until"
    return {"extension": [{"url": url, "valueInstant": write_instant(hold.expires_at, zone)}]}


def _describe_booked(appointment: Appointment) -> Resource:
    """Return what names an appointment to people: its reference, and its own page."""
    page = public_url() + url_for("site.show_appointment", token=appointment.token)
    url = base_url() + "/StructureDefinition/manage-url"
    identifier = {"system": base_url() + "/references", "value": appointment.reference}
    return {"extension": [{"url": url, "valueUrl": page}], "identifier": [identifier]}


def _place(location: LocationCalendar, status: str) -> Resource:
    reference = {"reference": f"Location/{location.slug}", "display": location.neutral_name}
    return {"actor": reference, "status": status}
