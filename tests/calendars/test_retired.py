"""What the clinic no longer offers is still known by what was booked there."""

import pytest
from flask import Flask
from sqlalchemy import update

from booking.appointments import operations as appointment_operations
from booking.appointments.rules import Status
from booking.calendars import availability
from booking.calendars.models import Service
from booking.calendars.slots import list_slots
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Location
from tests.builders import NOW, TOMORROW, a_booking, a_clinic


def test_an_appointment_at_a_retired_location_can_be_cancelled(app: Flask) -> None:
    a_clinic()
    a_clinic(slug="closing")
    appointment = a_booking(location="closing")
    _retire(Location, appointment.location_id)
    with pytest.raises(availability.UnknownSlug):
        list_slots("consultation", ["closing"], TOMORROW, TOMORROW, NOW)
    done = appointment_operations.cancel(appointment.id, NOW, "staff:1", by_patient=True)
    assert done.status is Status.CANCELLED


def test_an_appointment_of_a_retired_service_can_be_cancelled(app: Flask) -> None:
    a_clinic()
    appointment = a_booking()
    _retire(Service, appointment.service_id)
    with pytest.raises(availability.UnknownSlug):
        list_slots("consultation", None, TOMORROW, TOMORROW, NOW)
    done = appointment_operations.cancel(appointment.id, NOW, "staff:1", by_patient=True)
    assert done.status is Status.CANCELLED


@transaction()
def _retire(table: type[Location] | type[Service], number: int) -> None:
    db.session.execute(update(table).where(table.id == number).values(active=False))
    availability.increment_catalogue_version()
