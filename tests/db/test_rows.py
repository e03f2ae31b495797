"""Rows by their ids, whatever the table's key is called."""

from flask import Flask

from booking.appointments.models import AppointmentContact
from booking.db.rows import get_rows_by_id
from booking.locations.models import Location
from tests.builders import a_booking, a_clinic, local
from tests.statements import statements


def test_rows_are_read_by_id_and_those_that_are_not_there_are_left_out(app: Flask) -> None:
    clinic, other = a_clinic(), a_clinic(slug="scottsdale")
    ids = {clinic.location.id, other.location.id}
    assert get_rows_by_id(Location, {*ids, 77}).keys() == ids
    assert get_rows_by_id(Location, ids)[other.location.id].slug == "scottsdale"


def test_a_key_of_another_name_is_an_id_too(app: Flask) -> None:
    a_clinic()
    appointment = a_booking(local(9))
    (row,) = get_rows_by_id(AppointmentContact, [appointment.id]).values()
    assert row.appointment_id == appointment.id


def test_no_ids_are_no_query_and_many_are_one(app: Flask) -> None:
    with statements() as run:
        assert get_rows_by_id(Location, []) == {}
    assert run == []
    with statements() as run:
        assert get_rows_by_id(Location, range(100)) == {}
    assert len(run) == 1
