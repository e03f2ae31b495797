"""The six pages as requests: what each refuses, keeps, and never shows."""

import re

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars.models import Claim
from booking.extensions import db
from booking.patients.models import CallRequest, Patient, TextConsent
from booking.screening.models import Flag, ScreeningResponse
from booking.tasks.models import Task, TaskKind
from tests.builders import NOW, TOMORROW, Clinic, a_booking, local
from tests.site.steps import BIRTH, YOU, answer, carried, count, hold, send, up_to_check


def test_start_shows_the_next_times_price_length_and_help(
    client: FlaskClient, clinic: Clinic
) -> None:
    page = client.get("/").text
    for wanted in ("10:00 AM", "$150 at", "45 minutes", "18 and older", "/book/call", "988"):
        assert wanted in page
    assert "safety questions" in page


def test_invariant_13_looking_changes_nothing(client: FlaskClient, clinic: Clinic) -> None:
    for path in ("/", "/book/time", "/book/call", "/book/help", "/book/hold"):
        client.get(path)
    assert count(Appointment) == 0


def test_choosing_a_time_holds_it(client: FlaskClient, clinic: Clinic) -> None:
    assert hold(client).location == "/book/safety"
    appointment = db.session.scalars(select(Appointment)).one()
    assert (appointment.status, appointment.starts_at) == (Status.PENDING, local(10))


@pytest.mark.parametrize("start", ["", "soon", "2026-12-01T10:00:00", "9999-12-31T23:59:59+00:00"])
def test_a_time_that_is_none_leads_back_to_choosing(
    client: FlaskClient, clinic: Clinic, start: str
) -> None:
    response = client.post("/book/hold", data={"location": "ahwatukee", "start": start})
    assert response.status_code in (302, 409)
    assert count(Appointment) == 0


def test_a_taken_time_brings_the_nearest(client: FlaskClient, clinic: Clinic) -> None:
    a_booking(local(10))
    page = hold(client)
    assert page.status_code == 409
    assert "9:00" in page.text
    assert "11:00" in page.text


def test_the_way_through_books(client: FlaskClient, clinic: Clinic) -> None:
    up_to_check(client)
    assert "(602) 555-0123" in client.get("/book/check").text
    assert send(client, "/book/check").location == "/book/done"
    appointment = db.session.scalars(select(Appointment)).one()
    page = client.get("/book/done").text
    assert appointment.reference in page
    assert f"/a/{appointment.token}" in page
    assert db.session.scalars(select(TextConsent)).one().granted


def test_the_check_page_never_shows_answers(client: FlaskClient, clinic: Clinic) -> None:
    hold(client)
    answer(client, **{"q-pregnancy": "yes"})
    send(client, "/book/you", YOU)
    page = client.get("/book/check").text
    assert "Answered" in page
    assert "pregnan" not in page.lower()
    assert "1980" not in page


def test_answers_are_not_shown_when_coming_back(client: FlaskClient, clinic: Clinic) -> None:
    up_to_check(client)
    page = client.get("/book/safety").text
    assert "checked" not in page
    assert "1980" not in page


def test_unanswered_questions_keep_what_was_answered(client: FlaskClient, clinic: Clinic) -> None:
    hold(client)
    page = send(client, "/book/safety", {**BIRTH, "q-danger": "no"})
    assert page.status_code == 422
    assert re.search(r'name="q-danger" value="no" checked', page.text)
    assert 'value="1980"' in page.text
    assert "Choose yes or no." in page.text


@pytest.mark.parametrize(
    "birth", [{"birth_day": "30"}, {"birth_year": "1880"}, {"birth_year": "x"}]
)
def test_a_birth_date_that_is_none_is_refused(
    client: FlaskClient, clinic: Clinic, birth: dict[str, str]
) -> None:
    hold(client)
    assert answer(client, **birth).status_code == 422


def test_wrong_contacts_are_named_and_kept(client: FlaskClient, clinic: Clinic) -> None:
    hold(client)
    answer(client)
    page = send(client, "/book/you", {**YOU, "phone": "12", "email": "nobody"})
    assert page.status_code == 422
    assert 'value="12"' in page.text
    assert 'value="nobody"' in page.text
    assert 'href="#phone"' in page.text


def test_danger_leads_to_help_and_keeps_nothing(client: FlaskClient, clinic: Clinic) -> None:
    hold(client)
    assert answer(client, **{"q-danger": "yes"}).location == "/book/help"
    page = client.get("/book/help").text
    assert page.index("tel:911") < page.index("tel:988") < page.index("Example Hospital")
    assert re.search("we open on|open until", page)
    assert count(Appointment) == count(Claim) == count(ScreeningResponse) == 0


def test_a_minor_is_told_kindly_and_nothing_is_kept(client: FlaskClient, clinic: Clinic) -> None:
    hold(client)
    assert answer(client, birth_year="2012").location == "/book/adults"
    assert count(Appointment) == count(Flag) == count(Task) == 0


def test_call_first_leaves_a_task_with_the_time_chosen(client: FlaskClient, clinic: Clinic) -> None:
    hold(client)
    assert answer(client, **{"q-psychosis": "yes"}).location == "/book/call-first"
    page = client.get("/book/call-first").text
    assert "not a diagnosis" in page
    response = client.post("/book/call-first", data={"name": "Test", "phone": "602 555 0123"})
    assert response.location == "/book/call/noted"
    request = db.session.scalars(select(CallRequest)).one()
    assert (request.phone, request.wanted_start) == ("+16025550123", local(10))
    assert db.session.scalars(select(Task)).one().kind is TaskKind.CALL_FIRST
    assert count(Appointment) == count(Patient) == 0


def test_invariant_14_answering_again_in_the_same_browser_clears_nothing(
    client: FlaskClient, clinic: Clinic
) -> None:
    hold(client)
    answer(client, **{"q-psychosis": "yes"})
    up_to_check(client)
    assert send(client, "/book/check").location == "/book/call-first"
    assert count(Patient) == 0


def test_a_time_that_went_meanwhile_keeps_everything_typed(
    client: FlaskClient, clinic: Clinic
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        up_to_check(client)
        clock.shift(700)
        a_booking(local(10), NOW.replace(minute=12))
        page = send(client, "/book/check")
        assert page.status_code == 409
        assert "Your answers are kept" in page.text
        assert hold(client, 14).location == "/book/check"
        assert send(client, "/book/check").location == "/book/done"
    appointment = db.session.scalars(select(Appointment).filter_by(starts_at=local(14))).one()
    assert appointment.status is Status.BOOKED


def test_pressing_book_twice_books_once(client: FlaskClient, clinic: Clinic) -> None:
    up_to_check(client)
    window = carried(client, "/book/check")
    send(client, "/book/check", window)
    assert send(client, "/book/check", window).location == "/book/done"
    assert count(Appointment) == 1


def test_without_a_hold_each_step_leads_to_the_start(client: FlaskClient, clinic: Clinic) -> None:
    for path in ("/book/safety", "/book/you", "/book/check"):
        assert client.get(path).location == "/"


def test_steps_cannot_be_skipped(client: FlaskClient, clinic: Clinic) -> None:
    hold(client)
    assert client.get("/book/you").location == "/book/safety"
    assert client.get("/book/check").location == "/book/safety"


def test_call_me_instead_makes_a_task(client: FlaskClient, clinic: Clinic) -> None:
    client.post("/book/call", data={"name": "Test", "phone": "602 555 0123"})
    assert db.session.scalars(select(Task)).one().kind is TaskKind.CALL_BACK
    assert client.post("/book/call", data={"name": "", "phone": "1"}).status_code == 422


def test_an_appointment_has_its_own_page_and_calendar_file(
    client: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(10))
    page = client.get(f"/a/{appointment.token}")
    assert appointment.reference in page.text
    assert page.headers["Cache-Control"] == "no-store"
    file = client.get(f"/a/{appointment.token}/visit.ics")
    assert "METHOD:PUBLISH" in file.text
    assert file.headers["Content-Disposition"] == "attachment; filename=visit.ics"


def test_invariant_13_only_the_button_cancels(client: FlaskClient, clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    client.get(f"/a/{appointment.token}/cancel")
    client.head(f"/a/{appointment.token}/cancel")
    assert db.session.get_one(Appointment, appointment.id).status is Status.BOOKED
    client.post(f"/a/{appointment.token}/cancel", data={"version": appointment.version})
    assert db.session.get_one(Appointment, appointment.id).status is Status.CANCELLED
    assert "Cancelled" in client.get(f"/a/{appointment.token}").text


def test_an_appointment_that_has_begun_is_not_cancelled(
    client: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(10))
    with time_machine.travel(local(11), tick=False):
        response = client.post(
            f"/a/{appointment.token}/cancel", data={"version": appointment.version}
        )
        assert response.status_code == 409
    assert db.session.get_one(Appointment, appointment.id).status is Status.BOOKED


def test_a_hold_has_no_page_of_its_own(client: FlaskClient, clinic: Clinic) -> None:
    hold(client)
    appointment = db.session.scalars(select(Appointment)).one()
    assert client.get(f"/a/{appointment.token}").status_code == 404


def test_every_day_and_place_that_is_shown_can_be_opened(
    client: FlaskClient, clinic: Clinic
) -> None:
    for query in ("", "?location=ahwatukee", f"?location=ahwatukee&day={TOMORROW}", "?day=x"):
        assert client.get(f"/book/time{query}").status_code == 200
    assert client.get("/book/time?location=tucson").location == "/book/time"


@pytest.mark.parametrize("path", ["/", "/book/time", "/book/call", "/book/help", "/book/adults"])
def test_invariant_10_titles_tell_nothing(client: FlaskClient, clinic: Clinic, path: str) -> None:
    title = re.search(r"<title>(.*?)</title>", client.get(path).text)
    assert title
    assert not re.search("ketamin|infusion|depress|clinic", title[1], re.IGNORECASE)
