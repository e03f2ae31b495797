"""A pending appointment: nobody's yet, and without claims."""

from datetime import datetime
from uuid import uuid4

from booking.appointments.models import Appointment
from booking.appointments.rules import (
    Origin,
    Status,
    new_reference,
    new_token,
)
from booking.appointments.timing import set_time
from booking.calendars.catalogue import BookableService
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.rules import ResourceDemand


def build_pending_appointment(
    location: LocationCalendar,
    service: BookableService,
    demand: ResourceDemand,
    starts_at: datetime,
    now: datetime,
    origin: Origin,
) -> Appointment:
    """Return an appointment of nobody yet and without claims, with the practitioner that is demanded."""
    appointment = Appointment(
        reference=new_reference(),
        token=new_token(),
        uid=f"{uuid4()}@visits",
        status=Status.PENDING,
        service_id=service.id,
        needs=[need.to_dict() for need in demand.needs],
        is_infusion=service.is_infusion,
        practitioner_id=demand.practitioner_id,
        origin=origin,
        created_at=now,
    )
    set_time(appointment, location, starts_at, demand.minutes)
    return appointment
