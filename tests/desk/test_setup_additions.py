"""Managers add locations and services, take them away, choose holidays and the order of questions."""

import re
from datetime import date
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.calendars.models import Service
from booking.extensions import db
from booking.locations.models import Closure, Location, OpeningHours, Resource
from booking.screening.models import Questionnaire
from tests.clinic.appointments import booked
from tests.desk.test_setup import HIT, PLACE, QUESTIONS, applied, loads, manager, shown

NEW_PLACE, NEW_SERVICE = "/desk/setup/new-place/all", "/desk/setup/new-service/all"
HOLIDAYS = "/desk/setup/holidays/all"
TEMPE = {
    "name": "Tempe Ketamine Clinic", "neutral_name": "Tempe Clinic", "phone": "+16025550102",
    "address": "9 Example Mill Avenue, Tempe, AZ 85281", "email": "tempe@example.com",
    "emergency_room": "Example Mill Hospital", "rooms": "Room 1\nRoom 2", "chairs": "Chair 1",
    "hours.tuesday": "09:00-17:00",
}  # fmt: skip
KINGS = "Dr. Martin Luther King Jr. / Civil Rights Day"
CHECK = {"names.en": "Check-in call", "minutes": "15", "needs.practitioner": "20"}
__all__ = ["manager"]


def change(browser: FlaskClient, path: str, **typed: str) -> None:
    """Type into a set-up form, look at what it does, and do it."""
    answer = shown(browser, path, **typed)
    assert answer.status_code == 200, answer.text
    assert applied(browser, answer, path).status_code == 302


def test_a_location_is_added_with_its_rooms_chairs_and_hours(manager: FlaskClient) -> None:
    change(manager, NEW_PLACE, **TEMPE)
    location = db.session.scalars(select(Location).filter_by(slug="tempe-ketamine-clinic")).one()
    assert (location.active, location.time_zone) == (True, "America/Phoenix")
    names = db.session.scalars(select(Resource.name).filter_by(location_id=location.id)).all()
    assert set(names) >= {"Room 1", "Room 2", "Chair 1"}
    hours = db.session.scalars(select(OpeningHours).filter_by(location_id=location.id)).one()
    assert (hours.weekday, hours.opens.hour, hours.closes.hour) == (1, 9, 17)
    assert "Tempe Ketamine Clinic" in manager.get("/desk/setup/").text


def test_a_service_is_added_and_offered_no_longer(manager: FlaskClient) -> None:
    change(manager, NEW_SERVICE, **CHECK)
    service = db.session.scalars(select(Service).filter_by(slug="check-in-call")).one()
    assert service.bookable_online is False
    assert [(need["kind"], need["minutes"]) for need in service.needs] == [("practitioner", 20)]
    change(manager, "/desk/setup/service/check-in-call", gone="y")
    db.session.expire_all()
    assert service.active is False
    manager.get("/desk/setup/")  # which says what was done
    assert "Check-in call" not in manager.get("/desk/setup/").text


def test_a_location_that_closes_for_good_shows_whom_it_hits(manager: FlaskClient) -> None:
    refused = shown(manager, "/desk/setup/place/ahwatukee", gone="y")
    assert (refused.status_code, "Ana Reyes still has shifts there" in refused.text) == (422, True)
    change(manager, NEW_PLACE, **TEMPE)
    path = "/desk/setup/place/tempe-ketamine-clinic"
    change(manager, path, gone="y")
    statement = select(Location.active).filter_by(slug="tempe-ketamine-clinic")
    assert db.session.scalars(statement).one() is False


@pytest.mark.parametrize(
    ("path", "typed", "words"),
    [
        (NEW_PLACE, {**TEMPE, "neutral_name": "Ketamine"}, "tells nothing of the treatment"),
        (NEW_PLACE, {**TEMPE, "hours.tuesday": "9-17"}, "Enter hours like 8:00 AM"),
        (NEW_PLACE, {**TEMPE, "time_zone": "Tempe"}, "Enter a time zone like America/Phoenix"),
        (NEW_PLACE, {**TEMPE, "name": "Ahwatukee"}, "There is one of this name already"),
        (NEW_SERVICE, {**CHECK, "minutes": ""}, "Enter a number"),
        (
            NEW_SERVICE,
            {**CHECK, "needs.practitioner": ""},
            "Enter what it needs, and for how many minutes",
        ),
        ("/desk/setup/service/infusion", {"gone": "y"}, "expected one with the slug infusion"),
        (QUESTIONS, {"questions.psychosis.position": "first"}, "Enter a number"),
        (HOLIDAYS, {"holidays.0": "Bank Holiday"}, "got &#34;Bank Holiday&#34;"),
    ],
)
def test_what_is_wrong_adds_nothing(
    manager: FlaskClient, path: str, typed: dict[str, str], words: str
) -> None:
    answer = shown(manager, path, **typed)
    assert (answer.status_code, words in answer.text) == (422, True), answer.text
    assert loads() == 1


def test_a_holiday_more_closes_every_location_and_shows_whom_it_hits(manager: FlaskClient) -> None:
    page = manager.get(HOLIDAYS).text
    assert page.count("checked") == 7
    field = page.split(f'" value="{KINGS}"')[0].rsplit('name="', 1)[1]
    booked("consultation", "ahwatukee", 9, day=date(2027, 1, 18))
    answer = shown(manager, HOLIDAYS, **{field: KINGS})
    assert HIT in answer.text
    assert applied(manager, answer, HOLIDAYS).status_code == 302
    days = db.session.scalars(
        select(Closure).filter_by(name=KINGS, first_day=date(2027, 1, 18))
    ).all()
    assert len({day.location_id for day in days}) == 2


@pytest.mark.parametrize(
    ("number", "place", "order"), [(2, "1", [2, 0, 1]), (0, "3", [1, 2, 0]), (1, "2", [0, 1, 2])]
)
def test_a_question_moved_to_anothers_place_stands_there(
    manager: FlaskClient, number: int, place: str, order: list[int]
) -> None:
    newest = select(Questionnaire.questions).order_by(Questionnaire.version.desc()).limit(1)
    before = [question["slug"] for question in db.session.scalars(newest).one()]
    answer = shown(manager, QUESTIONS, **{f"questions.{before[number]}.position": place})
    assert answer.status_code == 200
    applied(manager, answer, QUESTIONS)
    db.session.rollback()
    after = [question["slug"] for question in db.session.scalars(newest).one()]
    assert after == [*(before[index] for index in order), *before[3:]]


def test_what_stands_in_a_field_is_seen_whole(manager: FlaskClient) -> None:
    fields = re.findall(r'<input [^>]*size="(\d+)" value="([^"]*)"', manager.get(PLACE).text)
    assert [text for size, text in fields if int(size) <= len(unescape(text))] == []
    assert max(len(text) for _, text in fields) > 20
