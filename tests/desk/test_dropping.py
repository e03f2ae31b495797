"""Dropping an appointment in the calendar does what its form does, or says why not and does nothing."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.calendars import operations as calendars
from booking.calendars.models import CatalogueVersion
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Outage, Resource
from tests.builders import (
    TOMORROW,
    Clinic,
    a_booking,
    a_clinic,
    a_closure,
    a_patient,
    an_infusion,
    local,
)
from tests.desk.page_forms import form_on
from tests.desk.signed_in import sign_in
from tests.desk.test_day import read_again

DATA = {"Accept": "application/json"}


def resource_named(name: str) -> Resource:
    return db.session.scalars(select(Resource).filter_by(name=name)).one()


def drop(
    desk: FlaskClient, appointment: Appointment, start: str, **fields: object
) -> tuple[int, dict[str, Any]]:
    """Drop an appointment as the calendar's script does; return status and answer."""
    shown = {"shown_version": appointment.version, "start": start, "location": "ahwatukee"}
    response = desk.post(f"/desk/visits/{appointment.id}/move", data=shown | fields, headers=DATA)
    return response.status_code, dict(response.get_json())


def names_of(appointment: Appointment) -> set[str]:
    """Return the names of what an appointment claims, but for seats."""
    ids = calendars.claimed_resource_ids(appointment.id)
    rows = db.session.scalars(select(Resource).where(Resource.id.in_(ids)))
    return {row.name for row in rows if not row.name.startswith("seat")}


def test_what_is_dropped_is_moved_to_that_time_and_chair(desk: FlaskClient, clinic: Clinic) -> None:
    appointment = an_infusion(clinic, local(10))
    chair = resource_named("chair 3")
    status, answer = drop(desk, appointment, "2026-12-01T13:00", resource=chair.id)
    assert (status, "Moved." in answer["notices"]) == (200, True)
    assert read_again(appointment).starts_at == local(13)
    assert names_of(appointment) == {"chair 3"}


def test_another_chair_at_the_same_time_tells_the_patient_nothing(
    desk: FlaskClient, clinic: Clinic
) -> None:
    appointment = an_infusion(clinic, local(10))
    before = appointment.sequence, appointment.version
    status, answer = drop(
        desk, appointment, "2026-12-01T10:00", resource=resource_named("chair 4").id
    )
    assert "Moved." in answer["notices"]
    assert "The patient" not in answer["notices"]
    after = read_again(appointment)
    assert (status, names_of(appointment), after.sequence) == (200, {"chair 4"}, before[0])
    assert after.version > before[1]  # whoever saw it in the other chair is told


def test_a_practitioners_column_is_theirs(app: Flask, clock: object) -> None:
    desk = sign_in(app, a_clinic(practitioners=2, rooms=2).front_desk)
    appointment = a_booking(local(10))
    rows = db.session.scalars(select(Resource).where(Resource.staff_id.is_not(None)))
    (other,) = [row for row in rows if row.name not in names_of(appointment)]
    assert drop(desk, appointment, "2026-12-01T10:00", resource=other.id)[0] == 200
    assert other.name in names_of(appointment)


@pytest.mark.parametrize("start", ["2026-12-01T10:00", "2026-12-01T10:15"])
def test_a_chair_that_is_taken_takes_nobody_else(
    desk: FlaskClient, clinic: Clinic, start: str
) -> None:
    an_infusion(clinic, local(10))
    appointment = an_infusion(clinic, local(14))
    status, answer = drop(desk, appointment, start, resource=resource_named("chair 1").id)
    assert status == 409
    assert answer["problem"]
    assert (read_again(appointment).starts_at, names_of(appointment)) == (local(14), {"chair 1"})


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("2026-12-01T20:00", "5:00"),
        ("2026-11-30T07:00", "past"),
        ("2026-12-01T10:05", "every 15 minutes"),
    ],
)
def test_a_time_that_is_not_possible_is_refused_in_the_rules_own_words(
    desk: FlaskClient, start: str, said: str
) -> None:
    appointment = a_booking(local(10))
    status, answer = drop(desk, appointment, start)
    assert status == 409
    assert said in answer["problem"]
    assert read_again(appointment).starts_at == local(10)


def test_a_refusal_leads_to_the_form_that_says_all(desk: FlaskClient, clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    _, answer = drop(desk, appointment, "2026-12-01T20:00")
    page = desk.get(answer["form"]).text
    assert "Why not another time?" in page
    assert answer["problem"].split(".")[0] in page


def test_the_second_of_two_who_move_one_appointment_is_told(desk: FlaskClient) -> None:
    appointment = a_booking(local(10))
    seen = appointment.version
    assert drop(desk, appointment, "2026-12-01T13:00")[0] == 200
    status, answer = drop(desk, appointment, "2026-12-01T15:00", shown_version=seen)
    assert status == 409
    assert "Something has changed" in answer["problem"]
    assert read_again(appointment).starts_at == local(13)


def test_dropped_twice_it_is_moved_once(desk: FlaskClient) -> None:
    appointment = a_booking(local(10))
    key = form_on(
        desk, f"/desk/visits/{appointment.id}/move", f"/desk/visits/{appointment.id}/move"
    )
    fields = {"form_key": key.hidden["form_key"], "shown_version": appointment.version}
    answers = [drop(desk, appointment, "2026-12-01T13:00", **fields)[0] for _ in range(2)]
    assert (answers, read_again(appointment).sequence) == ([200, 200], 1)


def test_dropped_at_another_location_it_moves_there(desk: FlaskClient) -> None:
    second = a_clinic(slug="scottsdale")
    appointment = a_booking(local(10))
    status, _ = drop(desk, appointment, "2026-12-01T11:00", location="scottsdale")
    assert (status, read_again(appointment).location_id) == (200, second.location.id)


@pytest.mark.parametrize("start", ["", "noon", "9999-99-99T00:00", "2026-12-01"])
def test_what_is_no_time_moves_nothing(desk: FlaskClient, start: str) -> None:
    appointment = a_booking(local(10))
    status, answer = drop(desk, appointment, start)
    assert (status, bool(answer["problem"])) == (409, True)
    assert read_again(appointment).starts_at == local(10)


@pytest.mark.parametrize("resource", ["x", "999999", "9" * 40])
def test_what_is_no_resource_is_no_fault(desk: FlaskClient, resource: str) -> None:
    assert drop(desk, a_booking(local(10)), "2026-12-01T13:00", resource=resource)[0] in (200, 409)


def refused(
    desk: FlaskClient, appointment: Appointment, column: str, span: str = "day"
) -> list[tuple[str, str, str]]:
    """Return from when to when an appointment can't be dropped into a column, and why."""
    address = f"/desk/visits/{appointment.id}/refused/ahwatukee/2026-12-01/{span}"
    data = dict(desk.get(address).get_json())
    assert data["form_key"]
    return [
        (block["start"], block["end"], block["text"])
        for block in data["refused"]
        if block["columns"] == [column]
    ]


def test_where_it_can_not_be_is_said_of_each_column(desk: FlaskClient, clinic: Clinic) -> None:
    an_infusion(clinic, local(12))
    appointment = an_infusion(clinic, local(9))
    first, second = (str(resource_named(f"chair {number}").id) for number in (1, 2))
    busy = [block for block in refused(desk, appointment, first) if "isn't free" in block[2]]
    assert busy == [("2026-12-01T10:45", "2026-12-01T13:30", "chair 1 isn't free then.")]
    assert [block for block in refused(desk, appointment, second) if "isn't free" in block[2]] == []
    late = [block for block in refused(desk, appointment, second) if block[0] > "2026-12-01T12:00"]
    assert (late[0][0], late[-1][1]) == ("2026-12-01T15:45", "2026-12-01T17:00")


def test_what_is_grey_is_refused_and_what_is_not_is_taken(
    desk: FlaskClient, clinic: Clinic
) -> None:
    """Each quarter of the day, dropped: the calendar promised neither too much nor too little."""
    with transaction():
        chair = resource_named("chair 2").id
        db.session.add(Outage(starts_at=local(11), ends_at=local(12), resource_id=chair))
        db.session.get_one(CatalogueVersion, 1).version += 1
    for hour in (9, 12, 14):
        an_infusion(clinic, local(hour))
    appointment = an_infusion(clinic, local(15), a_patient(clinic))
    for quarter in range(0, 8 * 4, 3):
        start = f"{local(9) + timedelta(minutes=15 * quarter - 7 * 60):%Y-%m-%dT%H:%M}"
        appointment = read_again(appointment)
        grey = [b for b in refused(desk, appointment, str(chair)) if b[0] <= start < b[1]]
        status, _ = drop(desk, appointment, start, resource=chair)
        assert (start, status) == (start, 409 if grey else 200)


def test_a_column_of_another_kind_takes_nothing(desk: FlaskClient, clinic: Clinic) -> None:
    appointment = an_infusion(clinic, local(9))
    blocks = refused(desk, appointment, str(resource_named("room 1").id))
    assert blocks[0][0] == "2026-12-01T09:00"
    assert blocks[-1][1] == "2026-12-01T17:00"


def test_a_week_says_of_each_day_where_it_can_not_be(desk: FlaskClient, clinic: Clinic) -> None:
    a_closure(clinic.location, TOMORROW + timedelta(days=2))
    appointment = an_infusion(clinic, local(9))
    blocks = refused(desk, appointment, str(resource_named("chair 1").id), "week")
    closed = [block for block in blocks if "Closed" in block[2]]
    assert {block[0][:10] for block in closed} == {"2026-12-03"}
    assert (closed[0][0][11:], closed[-1][1][11:]) == ("09:00", "17:00")


def test_the_page_to_book_on_opens_at_the_time_clicked(desk: FlaskClient, clinic: Clinic) -> None:
    query = "location=ahwatukee&date=2026-12-01&time=13:00"
    page = desk.get(f"/desk/patients/{a_patient(clinic).id}/book?{query}").text
    assert f'value="{local(13).isoformat()}" checked' in page
