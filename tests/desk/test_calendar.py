"""The calendar's data: a day or a week, at one location or all, and 304 while nothing has changed."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments import attendance, holds
from booking.appointments import operations as appointment_operations
from booking.audit.models import AuditEntry
from booking.calendars.models import CatalogueVersion
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Outage, Resource
from booking.screening import flags
from booking.screening.models import FlagKind
from tests.builders import (
    NOW,
    TOMORROW,
    Clinic,
    a_booking,
    a_clinic,
    a_closure,
    a_contact,
    a_patient,
    an_infusion,
    local,
)
from tests.desk.signed_in import sign_in
from tests.desk.test_queries import book_many
from tests.statements import statements

DAY = "/desk/calendar/ahwatukee/2026-12-01/day"
TODAY = "/desk/calendar/ahwatukee/2026-11-30/day"
WEEK = "/desk/calendar/ahwatukee/2026-12-01/week"
BOTH = "/desk/calendar/all/2026-12-01/day"
MOST = 40  # questions to the database


def read(desk: FlaskClient, address: str) -> dict[str, Any]:
    """Return the data of a calendar."""
    return dict(desk.get(address).get_json())


def columns_of(data: dict[str, Any], block: dict[str, Any]) -> list[str]:
    """Return the titles of the columns a block stands in."""
    titles = {column["id"]: column["title"] for column in data["columns"]}
    return [titles[key] for key in block["columns"]]


def test_an_appointment_stands_in_its_location_its_room_and_with_its_practitioner(
    desk: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(contact=a_contact(given_name="Ana", family_name="Ruiz"))
    data = read(desk, DAY)
    (block,) = data["blocks"]
    assert (block["id"], block["name"], block["word"]) == (
        str(appointment.id),
        "Ana Ruiz",
        "Booked",
    )
    assert (block["start"], block["end"]) == ("2026-12-01T10:00", "2026-12-01T10:55")
    assert block["tail"] == 10  # minutes in which the room is made ready
    assert columns_of(data, block) == ["Ahwatukee Clinic", "room 1", clinic.practitioner.name]
    assert block["marks"] == [["first", "First visit"]]
    assert data["hours"] == ["09:00", "17:00"]
    assert data["offset"] == "-07:00"


def test_an_infusion_stands_in_its_chair_and_loads_the_nurses(
    desk: FlaskClient, clinic: Clinic
) -> None:
    an_infusion(clinic, local(10))
    data = read(desk, DAY)
    assert columns_of(data, data["blocks"][0]) == ["Ahwatukee Clinic", "chair 1"]
    loads = {load["start"][-5:]: (load["taken"], load["seats"]) for load in data["loads"]}
    assert (loads["09:45"], loads["10:00"], loads["10:15"]) == ((0, 8), (4, 8), (1, 8))


def test_a_week_begins_as_the_readers_weeks_do_and_shows_what_is_on_it(desk: FlaskClient) -> None:
    a_booking(local(9, day=TOMORROW + timedelta(days=3)))
    data = read(desk, WEEK)
    assert (data["days"][0], len(data["days"])) == ("2026-11-29", 7)
    assert [block["start"] for block in data["blocks"]] == ["2026-12-04T09:00"]


def test_all_locations_stand_beside_one_another(desk: FlaskClient, clinic: Clinic) -> None:
    second = a_clinic(slug="scottsdale", practitioners=0, nurses=0)
    an_infusion(clinic, local(10))
    data = read(desk, BOTH)
    whole = [column["title"] for column in data["columns"] if column["kind"] == "location"]
    assert whole == ["Ahwatukee Clinic", second.location.name]
    assert [column["place"] for column in data["columns"] if column["title"] == "chair 1"] == [
        "Ahwatukee",
        "Scottsdale",
    ]
    assert len(data["blocks"]) == 1


def test_a_closure_is_seen_with_its_name(desk: FlaskClient, clinic: Clinic) -> None:
    a_closure(clinic.location, TOMORROW)
    closed = read(desk, DAY)["closed"]
    assert {"start": "2026-12-01T09:00", "end": "2026-12-01T17:00", "text": "Closed"}.items() <= (
        closed[0].items()
    )


def test_a_chair_out_of_order_and_an_absence_are_seen_in_their_columns(
    desk: FlaskClient, clinic: Clinic
) -> None:
    chair = db.session.scalars(select(Resource).filter_by(name="chair 2")).one()
    with transaction():
        for subject in ({"resource_id": chair.id}, {"staff_id": clinic.practitioner.id}):
            db.session.add(Outage(starts_at=local(10), ends_at=local(12), **subject))
        db.session.get_one(CatalogueVersion, 1).version += 1
    data = read(desk, DAY)
    assert [
        (columns_of(data, block), block["start"][-5:], block["end"][-5:], block["text"])
        for block in data["closed"]
    ] == [
        (["chair 2"], "10:00", "12:00", "Out of order"),
        ([clinic.practitioner.name], "10:00", "12:00", "Not here"),
    ]


def test_a_time_that_somebody_is_booking_is_seen_without_a_name(desk: FlaskClient) -> None:
    holds.create_hold("consultation", "ahwatukee", local(10), NOW)
    (block,) = read(desk, DAY)["blocks"]
    assert (block["state"], block["name"]) == ("pending", "Being booked online")
    assert "url" not in block


def test_what_is_cancelled_is_not_in_the_calendar(desk: FlaskClient) -> None:
    appointment_operations.cancel(a_booking().id, NOW, "test", by_patient=True)
    assert read(desk, DAY)["blocks"] == []


def test_nothing_is_answered_while_nothing_has_changed(desk: FlaskClient) -> None:
    a_booking()
    first = desk.get(DAY)
    again = desk.get(f"{DAY}/changes", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("change", ["book", "move", "move away", "cancel", "check in", "confirm"])
def test_every_change_is_answered(desk: FlaskClient, clinic: Clinic, change: str) -> None:
    today = NOW.date()
    appointment = an_infusion(clinic, local(10, day=today))
    etag = desk.get(TODAY).headers["ETag"]
    match change:
        case "book":
            an_infusion(clinic, local(12, day=today))
        case "move":
            appointment_operations.move(appointment.id, local(13, day=today), NOW, "test")
        case "move away":
            later = local(13, day=TOMORROW + timedelta(days=2))
            appointment_operations.move(appointment.id, later, NOW, "test")
        case "cancel":
            appointment_operations.cancel(appointment.id, NOW, "test", by_patient=True)
        case "check in":
            attendance.check_in(appointment.id, NOW, "test")
        case "confirm":
            appointment_operations.confirm(appointment.id, NOW, "test")
    assert desk.get(f"{TODAY}/changes", headers={"If-None-Match": etag}).status_code == 200


def test_what_time_alone_changes_is_answered_within_a_minute(
    desk: FlaskClient, clock: time_machine.Traveller
) -> None:
    etag = desk.get(DAY).headers["ETag"]
    clock.shift(60)
    assert desk.get(f"{DAY}/changes", headers={"If-None-Match": etag}).status_code == 200


def test_flags_are_marked(desk: FlaskClient, clinic: Clinic) -> None:
    patient = a_patient(clinic)
    an_infusion(clinic, local(10), patient)
    flags.raise_flag(
        FlagKind.SEEN_AT_APPOINTMENT, ("pregnancy",), patient.birth_date, NOW, "test",
        patient_id=patient.id,
    )  # fmt: skip
    assert ["flag", "1 flag"] in read(desk, DAY)["blocks"][0]["marks"]


@pytest.mark.parametrize("address", [DAY, WEEK])
def test_the_database_is_asked_as_often_for_many_as_for_few(
    app: Flask, clock: object, address: str
) -> None:
    desk = sign_in(app, a_clinic(rooms=3, practitioners=3, closes=time(21)).front_desk)
    counts = []
    for how_many, first in ((3, 0), (57, 3)):
        book_many(how_many, first)
        desk.get("/desk/day/ahwatukee/2026-12-01")  # so that the clinic itself is read
        with statements() as asked:
            data = read(desk, address)
        counts.append(len(asked))
        assert len(data["blocks"]) == how_many + first
    assert counts[0] == counts[1] < MOST


def test_an_open_page_that_asks_again_asks_little(desk: FlaskClient) -> None:
    etag = desk.get(DAY).headers["ETag"]
    with statements() as asked:
        assert desk.get(f"{DAY}/changes", headers={"If-None-Match": etag}).status_code == 304
    assert len(asked) == 2  # who asks, and the version


def test_what_was_answered_is_kept_while_it_holds(desk: FlaskClient) -> None:
    a_booking()
    first = desk.get(DAY)
    with statements() as asked:
        again = desk.get(f"{DAY}/changes")
    assert (again.data, len(asked) < 8) == (first.data, True)
    a_booking(local(14))
    assert len(read(desk, f"{DAY}/changes")["blocks"]) == 2


def test_who_saw_a_calendar_is_on_record_once(desk: FlaskClient) -> None:
    desk.get(WEEK)
    desk.get(f"{WEEK}/changes")
    (entry,) = db.session.scalars(select(AuditEntry).filter_by(action="read"))
    assert entry.facts == {
        "page": "desk.read_calendar", "location": "ahwatukee", "local_date": "2026-12-01",
        "span": "week",
    }  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["/desk/calendar/nowhere/2026-12-01/day", "/desk/calendar/all/2026-13-01/day",
     "/desk/calendar/all/2026-12-01/year", "/desk/calendar/all/9999-12-31/week"],
)  # fmt: skip
def test_no_calendar_is_not_found(desk: FlaskClient, address: str) -> None:
    assert desk.get(address).status_code == 404


def test_clocks_that_change_are_those_on_the_wall(app: Flask, clock: object) -> None:
    """In Denver the clocks go forward on 14 March 2027 at two in the night."""
    clinic = a_clinic(zone="America/Denver")
    desk = sign_in(app, clinic.front_desk)
    an_infusion(clinic, datetime(2027, 3, 14, 16, 0, tzinfo=UTC))
    data = read(desk, "/desk/calendar/ahwatukee/2027-03-14/day")
    assert data["blocks"][0]["start"] == "2027-03-14T10:00"
    assert data["hours"] == ["09:00", "17:00"]
