"""Slots as a patient chooses among them."""

import re
from datetime import time, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.appointments import holds
from booking.calendars.availability import current_catalogue, find_practitioner_by_resource
from booking.calendars.catalogue import Practitioner
from booking.calendars.slots import list_slots
from booking.extensions import db
from booking.site.slot_lists import list_soonest_slots
from tests.builders import NOW, TOMORROW, Clinic, a_clinic, a_closure, local
from tests.site.steps import YOU, answer, hold, send

FORM = re.compile(r'name="location" value="([^"]+)">(.*?)</form>', re.DOTALL)
START = re.compile(r'name="start" value="([^"]+)"')
DAY = re.compile(r'href="(/book/time[^"]*day=[^"]+)#times"')
TURN = re.compile(r'href="(/book/time[^"]*)#month" rel="next"')


def test_the_soonest_of_an_evening_are_still_todays(app: Flask) -> None:
    a_clinic(closes=time(22))
    now = local(17, 30)  # in UTC it is the day after
    assert now.date() > TOMORROW
    assert list_soonest_slots("consultation", now)["ahwatukee"][0].local_start.date() == TOMORROW


def test_the_first_page_looks_further_where_the_first_week_has_too_few(
    client: FlaskClient, clinic: Clinic
) -> None:
    a_clinic(slug="scottsdale")
    first = NOW.date()
    for number in range(21):
        a_closure(clinic.location, first + timedelta(days=number))
    soonest = list_soonest_slots("consultation", NOW)
    assert [len(slots) for slots in soonest.values()] == [4, 4]
    assert soonest["ahwatukee"][0].local_start.date() == first + timedelta(days=21)
    assert soonest["scottsdale"][0].local_start.date() == first


def slots_in(page: str) -> set[tuple[str, str]]:
    """Return location and start of each time that a page offers."""
    return {
        (location, start) for location, form in FORM.findall(page) for start in START.findall(form)
    }


def crawl(client: FlaskClient, path: str) -> set[tuple[str, str]]:
    """Follow the calendar's days and its turns; return location and start of each slot met."""
    slots: set[tuple[str, str]] = set()
    while True:
        page = client.get(path).text
        for day in set(DAY.findall(page)):
            slots |= slots_in(client.get(unescape(day)).text)
        turn = TURN.search(page)
        if turn is None:
            return slots
        path = unescape(turn[1])


def test_each_time_that_can_be_booked_is_reached(client: FlaskClient, clinic: Clinic) -> None:
    a_clinic(slug="scottsdale", opens=time(12), weekdays=range(3))
    slots = list_slots("consultation", None, NOW.date(), NOW.date() + timedelta(days=99), NOW)
    assert crawl(client, "/book/time") == {
        (slot.location.slug, slot.starts_at.isoformat()) for slot in slots
    }


def test_a_day_without_times_says_why_and_what_is_next(client: FlaskClient, clinic: Clinic) -> None:
    a_closure(clinic.location, TOMORROW)
    page = client.get(f"/book/time?day={TOMORROW}").text
    assert "We are closed on this day." in page
    assert "Next free: Wed, Dec 2" in page


def practitioner_at(slug: str) -> Practitioner:
    """Return the one practitioner who works at a location."""
    catalogue = current_catalogue()
    (worker,) = catalogue.locations[slug].practitioners
    practitioner = find_practitioner_by_resource(catalogue, worker.resource_id)
    assert practitioner
    return practitioner


def test_the_person_chosen_goes_with_each_time_and_is_shown(
    client: FlaskClient, clinic: Clinic
) -> None:
    a_clinic(slug="scottsdale")
    here, elsewhere = (practitioner_at(slug) for slug in ("ahwatukee", "scottsdale"))
    page = client.get(f"/book/time?practitioner={here.slug}").text
    assert {location for location, _ in slots_in(page)} == {"ahwatukee"}
    start = local(10).isoformat()
    choice = {"location": "ahwatukee", "start": start, "practitioner": here.slug}
    assert client.post("/book/hold", data=choice).location == "/book/safety"
    assert f"with {here.name}" in client.get("/book/safety").text
    answer(client)
    send(client, "/book/you", YOU)
    assert f"<dd>{here.name}</dd>" in client.get("/book/check").text
    choice["practitioner"] = elsewhere.slug
    assert client.post("/book/hold", data=choice).status_code == 409


@pytest.mark.parametrize("query", ["location=tucson", "practitioner=nobody", "practitioner=%27"])
def test_who_or_what_is_unknown_leads_to_all_times(
    client: FlaskClient, clinic: Clinic, query: str
) -> None:
    assert client.get(f"/book/time?{query}").location == "/book/time"
    choice = {"location": "ahwatukee", "start": local(10).isoformat(), "practitioner": "nobody"}
    assert client.post("/book/hold", data=choice).location == "/book/time"


def test_a_closed_tab_is_gone_on_with_from_the_first_page(
    client: FlaskClient, clinic: Clinic
) -> None:
    assert "You began to book" not in client.get("/").text
    hold(client)
    page = client.get("/").text
    assert "This time is still kept for you." in page
    assert 'href="/book/safety">Go on' in page
    answer(client)
    assert 'href="/book/you">Go on' in client.get("/").text
    assert "You began to book" not in client.application.test_client().get("/").text


def test_typing_keeps_the_time(client: FlaskClient, clinic: Clinic) -> None:
    hold(client)
    with client.session_transaction() as session:
        token = session["hold"]
    before = holds.get_hold(token).expires_at
    assert client.post("/book/hold/extend").status_code == 204
    db.session.expire_all()
    assert holds.get_hold(token).expires_at == before
    assert client.application.test_client().post("/book/hold/extend").status_code == 204
