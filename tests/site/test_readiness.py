"""Ready for an infusion: asked from the evening before, kept, and seen at the desk."""

from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from flask.testing import FlaskClient
from playwright.sync_api import Route, expect

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment, ReadinessResponse
from booking.appointments.readiness import Readiness, readiness_by_appointment
from booking.audit.models import AuditEntry
from booking.calendars.local_days import resolve_wall_clock
from booking.desk.day.day_view import read_appointment_details
from booking.extensions import db
from tests.browser import DESK, PHONE, OpenPage, axe_violations, overflows
from tests.builders import PHOENIX, Clinic, a_booking, local
from tests.series.prescribed import a_booked_series, appointments

YES = {"q-has_ride": "yes", "q-is_fasting": "yes", "q-is_well": "yes"}


@pytest.fixture
def infusion(clinic: Clinic) -> Appointment:
    return appointments(a_booked_series(clinic))[0]


def day_before(appointment: Appointment, at: time = time(19)) -> datetime:
    return resolve_wall_clock(appointment.local_date - timedelta(days=1), at, PHOENIX)


def page_at(client: FlaskClient, appointment: Appointment, now: datetime) -> str:
    with time_machine.travel(now, tick=False):
        return client.get(f"/a/{appointment.token}").text


def send(client: FlaskClient, appointment: Appointment, now: datetime, **changed: str) -> int:
    with time_machine.travel(now, tick=False):
        answers = {**YES, **{f"q-{name}": text for name, text in changed.items()}}
        return client.post(f"/a/{appointment.token}/ready", data=answers).status_code


def answers_of(appointment: Appointment) -> Readiness | None:
    return readiness_by_appointment([appointment.id]).get(appointment.id)


@pytest.mark.parametrize("hour", [18, 20])
def test_it_is_asked_from_the_evening_before_until_it_begins(
    client: FlaskClient, infusion: Appointment, hour: int
) -> None:
    asked = "Are you ready for your visit?"
    client.application.config["READINESS_HOUR"] = hour
    opens_at = day_before(infusion, time(hour))
    moments = [opens_at - timedelta(seconds=1), opens_at, infusion.starts_at - timedelta(seconds=1)]
    assert [asked in page_at(client, infusion, now) for now in moments] == [False, True, True]
    assert asked not in page_at(client, infusion, infusion.starts_at)
    assert send(client, infusion, infusion.starts_at) == 302
    assert send(client, infusion, opens_at - timedelta(seconds=1)) == 302
    assert answers_of(infusion) is None


def test_a_consultation_is_asked_nothing(client: FlaskClient, clinic: Clinic) -> None:
    consultation = a_booking(local(10))
    now = day_before(consultation)
    assert "ready" not in page_at(client, consultation, now).lower()
    assert send(client, consultation, now) == 302
    assert answers_of(consultation) is None


def test_who_is_ready_is_told_so_and_the_desk_sees_green(
    client: FlaskClient, infusion: Appointment
) -> None:
    now = day_before(infusion)
    assert send(client, infusion, now) == 302
    assert "You told us that you are ready." in page_at(client, infusion, now)
    details = read_appointment_details(infusion, now)
    assert details.readiness == Readiness(has_ride=True, is_fasting=True, is_well=True)
    assert details.readiness.is_ready
    assert infusion.confirmed_at == now


@pytest.mark.parametrize("missing", ["has_ride", "is_fasting", "is_well"])
def test_who_is_not_ready_is_asked_to_call_and_may_answer_again(
    client: FlaskClient, infusion: Appointment, missing: str
) -> None:
    now = day_before(infusion)
    send(client, infusion, now, **{missing: "no"})
    page = page_at(client, infusion, now)
    assert "something is not right yet" in page
    assert 'href="tel:+16025550100"' in page
    answers = answers_of(infusion)
    assert answers
    assert not answers.is_ready
    assert infusion.confirmed_at is None
    assert not getattr(answers, missing)
    send(client, infusion, now)
    assert answers_of(infusion) == Readiness(has_ride=True, is_fasting=True, is_well=True)


def test_a_question_left_out_is_named_and_the_others_stay(
    client: FlaskClient, infusion: Appointment
) -> None:
    with time_machine.travel(day_before(infusion), tick=False):
        data = {"q-has_ride": "yes", "q-is_well": "maybe"}
        page = client.post(f"/a/{infusion.token}/ready", data=data)
    assert page.status_code == 422
    assert "Question 2: choose yes or no." in page.text
    assert "Question 3: choose yes or no." in page.text
    assert 'id="q-has_ride-yes" name="q-has_ride" value="yes" checked' in page.text
    assert answers_of(infusion) is None


def test_after_a_move_it_is_asked_anew(client: FlaskClient, infusion: Appointment) -> None:
    now = day_before(infusion)
    send(client, infusion, now)
    later = infusion.starts_at + timedelta(hours=1)
    appointment_operations.move(infusion.id, later, now, "staff:1", reason="asked for")
    assert answers_of(infusion) is None
    assert "Are you ready for your visit?" in page_at(client, infusion, now)


def test_invariant_12_the_trail_says_that_it_was_answered_not_what(
    client: FlaskClient, infusion: Appointment
) -> None:
    send(client, infusion, day_before(infusion), is_well="no")
    entry = db.session.scalars(db.select(AuditEntry).filter_by(action="answer_readiness")).one()
    assert (entry.subject_id, entry.facts) == (infusion.id, {})


def test_invariant_13_asking_writes_nothing(client: FlaskClient, infusion: Appointment) -> None:
    with time_machine.travel(day_before(infusion), tick=False):
        assert client.get(f"/a/{infusion.token}/ready").status_code == 200
    assert db.session.scalars(db.select(ReadinessResponse)).all() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_questions_are_accessible_also_with_one_left_out(
    client: FlaskClient, infusion: Appointment, open_page: OpenPage, width: int
) -> None:
    page = open_page(width)

    def answer(route: Route) -> None:
        asked = urlsplit(route.request.url)
        with (
            client.application.app_context(),
            time_machine.travel(day_before(infusion), tick=False),
        ):
            response = client.open(
                asked.path, method=route.request.method, query_string=asked.query, data={}
            )
        route.fulfill(
            status=response.status_code, headers=dict(response.headers), body=response.data
        )

    page.route("**/*", answer)
    page.goto(f"http://visits.test/a/{infusion.token}/ready")
    for _ in range(2):
        assert axe_violations(page) == []
        assert not overflows(page)
        page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Question 1: choose yes or no.")
