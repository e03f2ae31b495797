"""Moving one's own appointment by its link, without an account."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from booking.appointments import operations, self_service
from booking.appointments.models import Appointment
from booking.appointments.move_slots import list_move_options
from booking.appointments.queries import find_by_token
from booking.calendars.availability import current_catalogue
from booking.db.transactions import transaction
from booking.extensions import db
from booking.screening.models import Suitability
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_clinic, local
from tests.series.prescribed import a_booked_series
from tests.series.prescribed import appointments as series_appointments

VERSION = 1  # of an appointment that was booked and not changed since


@pytest.fixture
def appointment(clinic: Clinic) -> Appointment:
    """A consultation tomorrow at ten."""
    return a_booking(local(10))


def choosing(client: FlaskClient, appointment: Appointment, query: str = "") -> str:
    return client.get(f"/a/{appointment.token}/move{query}").text


def move(client: FlaskClient, appointment: Appointment, **changed: object) -> TestResponse:
    """Send the confirming page's form: tomorrow at eleven."""
    form = {"start": local(11).isoformat(), "location": "ahwatukee", "version": VERSION}
    return client.post(f"/a/{appointment.token}/move", data={**form, **changed})


def current(appointment: Appointment) -> Appointment:
    moved = find_by_token(appointment.token)
    assert moved is not None
    return moved


def test_the_own_page_leads_to_the_free_times(
    client: FlaskClient, appointment: Appointment
) -> None:
    assert f"/a/{appointment.token}/move" in client.get(f"/a/{appointment.token}").text
    page = choosing(client, appointment, "?day=2026-12-01")
    assert "11:00" in page
    assert "It stays yours until you confirm another" in page


def test_both_times_are_shown_before_anything_is_moved(
    client: FlaskClient, appointment: Appointment
) -> None:
    query = {"start": local(11).isoformat(), "location": "ahwatukee"}
    page = client.get(f"/a/{appointment.token}/move/confirm", query_string=query).text
    assert "10:00" in page
    assert "11:00" in page
    assert current(appointment).starts_at == local(10)


def test_confirmed_it_is_moved_and_keeps_its_link(
    client: FlaskClient, appointment: Appointment
) -> None:
    response = move(client, appointment)
    assert (response.status_code, response.location) == (302, f"/a/{appointment.token}")
    assert (current(appointment).starts_at, current(appointment).sequence) == (local(11), 1)
    assert "11:00" in client.get(response.location).text


def test_moved_its_page_says_so_once(client: FlaskClient, appointment: Appointment) -> None:
    pages = [move(client, appointment).location, move(client, appointment).location]
    shown = [client.get(page).text.count("Your visit is moved") for page in pages]
    assert shown == [1, 0]


def test_invariant_5_pressed_four_times_at_once_it_moves_once(
    client: FlaskClient, appointment: Appointment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has read the appointment before any of them locks it."""
    lock, have_read = operations.lock_for_change, threading.Barrier(4)

    def lock_together(appointment_id: int, version: int | None) -> Appointment:
        with suppress(threading.BrokenBarrierError):
            have_read.wait(5)
            have_read.abort()  # who runs again waits for nobody
        return lock(appointment_id, version)

    monkeypatch.setattr(self_service, "lock_for_change", lock_together)

    def press(_number: int) -> int:
        with client.application.app_context():
            return move(client.application.test_client(), appointment).status_code

    with ThreadPoolExecutor(4) as presses:
        assert set(presses.map(press, range(4))) == {302}
    db.session.expire_all()
    assert (current(appointment).starts_at, current(appointment).sequence) == (local(11), 1)


def test_it_moves_to_the_other_location(client: FlaskClient, appointment: Appointment) -> None:
    a_clinic(slug="scottsdale")
    assert "11:00" in choosing(client, appointment, "?location=scottsdale&day=2026-12-01")
    assert move(client, appointment, location="scottsdale").status_code == 302
    assert current(appointment).starts_at == local(11)


def test_pressed_twice_it_moves_once(client: FlaskClient, appointment: Appointment) -> None:
    first, again = move(client, appointment), move(client, appointment)
    assert (again.status_code, again.location) == (302, first.location)
    assert current(appointment).sequence == 1


def test_invariant_15_what_changed_meanwhile_is_shown_and_nothing_is_moved(
    client: FlaskClient, appointment: Appointment
) -> None:
    operations.move(appointment.id, local(14), NOW, "staff:1")
    response = move(client, appointment)
    assert response.status_code == 409
    assert "has changed since this page was opened" in response.text
    assert "2:00" in response.text
    assert current(appointment).starts_at == local(14)


def test_a_time_taken_meanwhile_leaves_the_old_one(
    client: FlaskClient, appointment: Appointment
) -> None:
    a_booking(local(11))
    response = move(client, appointment)
    assert response.status_code == 409
    assert "That time is no longer free" in response.text
    assert current(appointment).starts_at == local(10)


@pytest.mark.parametrize(
    "changed",
    [
        {"start": "tomorrow"},
        {"start": ""},
        {"location": "tucson"},
        {"start": (NOW - timedelta(days=1)).isoformat()},
        {"start": (NOW + timedelta(days=400)).isoformat()},
        {"version": ""},
        {"version": "x"},
    ],
)
def test_a_bad_form_moves_nothing(
    client: FlaskClient, appointment: Appointment, changed: dict[str, str]
) -> None:
    assert move(client, appointment, **changed).status_code in (302, 409)
    assert current(appointment).starts_at == local(10)


def test_what_is_cancelled_is_moved_no_more(client: FlaskClient, appointment: Appointment) -> None:
    operations.cancel(appointment.id, NOW, "online", by_patient=True)
    assert client.get(f"/a/{appointment.token}/move").location == f"/a/{appointment.token}"
    response = move(client, appointment, version=current(appointment).version)
    assert response.status_code == 409
    assert "move" not in client.get(f"/a/{appointment.token}").text.lower().replace("remove", "")


def test_an_infusion_is_moved_by_its_link_within_the_gaps_of_its_series(
    client: FlaskClient, clinic: Clinic
) -> None:
    before, session = series_appointments(a_booked_series(clinic))[:2]
    assert f"/a/{session.token}/move" in client.get(f"/a/{session.token}").text
    page = choosing(client, session)
    days = set(re.findall(r"day=(2026-\d\d-\d\d)", page))
    assert days
    assert min(days) >= (before.local_date + timedelta(days=2)).isoformat()
    start = re.search(r"start=([^&\"]+)\"", page)
    assert start
    chosen = unquote(unescape(start[1]))
    response = move(client, session, start=chosen, version=session.version)
    assert response.status_code == 302
    assert current(session).starts_at == datetime.fromisoformat(chosen)


def test_a_move_that_breaks_a_gap_is_refused(client: FlaskClient, clinic: Clinic) -> None:
    before, session = series_appointments(a_booked_series(clinic))[:2]
    too_soon = before.starts_at + timedelta(days=1)
    response = move(client, session, start=too_soon.isoformat(), version=session.version)
    assert response.status_code == 409
    assert "It can" in response.text
    assert current(session).starts_at == session.starts_at


def test_when_there_is_no_time_it_says_why_and_whom_to_call(
    client: FlaskClient, clinic: Clinic
) -> None:
    session = series_appointments(a_booked_series(clinic))[1]
    with transaction():
        finding = db.session.scalars(select(Suitability)).one()
        finding.valid_until = TOMORROW
    page = choosing(client, session)
    assert "A clinician would like to talk with you" in page
    assert 'href="tel:+16025550100"' in page


DAY = re.compile(r'href="([^"]*day=[^"]+)#times"')
TURN = re.compile(r'href="([^"]*)#month" rel="next"')
START = re.compile(r'/move/confirm\?[^"]*start=([^"&]+)')


def test_each_time_that_it_may_have_is_reached(
    client: FlaskClient, appointment: Appointment
) -> None:
    here = current_catalogue().locations["ahwatukee"]
    slots = list_move_options(current(appointment), here, NOW).slots
    path, starts = f"/a/{appointment.token}/move", set()
    while path:
        page = client.get(path).text
        for day in set(DAY.findall(page)):
            starts |= {unquote(start) for start in START.findall(client.get(unescape(day)).text)}
        turn = TURN.search(page)
        path = unescape(turn[1]) if turn else ""
    assert starts == {slot.starts_at.isoformat() for slot in slots}


def test_a_day_without_a_time_for_it_says_so(client: FlaskClient, appointment: Appointment) -> None:
    assert "On this day there is no time to move to." in choosing(
        client, appointment, "?day=2026-11-29"
    )
