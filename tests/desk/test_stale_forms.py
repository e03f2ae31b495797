"""A form does what it showed, once: outdated it changes nothing, sent twice it is done once."""

from collections import Counter

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.audit.models import AuditEntry
from booking.clock import now
from booking.extensions import db
from booking.patients.models import Patient
from booking.screening import flags
from booking.screening.models import FlagKind, Suitability
from tests.builders import NOW, Clinic, a_booking, a_patient, local
from tests.desk.page_forms import PageForm, form_on, forms_on, send
from tests.desk.scenario import Scenario
from tests.desk.scenarios import SCENARIOS
from tests.table_rows import read_content

MOVED_ON = "Something has changed since this page was opened."
BY_MANAGERS = {  # tried in test_setup, tests/erasure and test_webhooks
    *("desk.change_setup", "desk.erase_record", "desk.place_legal_hold", "desk.lift_legal_hold"),
    *("desk.create_webhook", "desk.stop_webhook", "desk.resume_webhook", "desk.test_webhook"),
    *("desk.remove_webhook", "desk.redeliver_event"),
}
OUTDATED = ("0", "999", "", "-1", "٣", "x" * 300)
BOOKKEEPING = {AuditEntry.__tablename__, "staff_session"}  # written by whoever looks at a page


@pytest.fixture
def browser(practitioner: FlaskClient) -> FlaskClient:
    """Practitioners may do all that the desk does."""
    return practitioner


@pytest.fixture(params=list(SCENARIOS))
def scenario(request: pytest.FixtureRequest, clinic: Clinic, browser: FlaskClient) -> Scenario:
    return SCENARIOS[request.param](clinic, browser)


def everything_kept() -> Counter[tuple[str, object]]:
    """Return every row of every table, but for the trail of who looked."""
    rows_by_table = read_content().rows
    return Counter(
        (name, row) for name in rows_by_table.keys() - BOOKKEEPING for row in rows_by_table[name]
    )


def test_every_post_of_the_desk_is_tried(sqlite_app: Flask) -> None:
    posts = {
        rule.endpoint
        for rule in sqlite_app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.") and "POST" in (rule.methods or ())
    }
    assert posts == SCENARIOS.keys() | BY_MANAGERS


SUBJECTLESS = (
    "/desk/patients/new",
    "/desk/templates/new",
    "/desk/closures/new",
    "/desk/feeds",
    "/desk/on-call",
)


def carries_what_it_must(form: PageForm) -> bool:
    """Tell whether a form carries its key, and what is about something, the version that was shown."""
    has_keys = {"csrf_token", "form_key"} <= form.hidden.keys()
    return has_keys and (form.action in SUBJECTLESS or bool(form.hidden.get("shown_version")))


def send_outdated(browser: FlaskClient, form: PageForm, scenario: Scenario) -> PageForm:
    """Send a form as an outdated page would: it must change nothing. Return the form it shows instead."""
    before = everything_kept()
    response = send(browser, form, scenario.typed)
    assert response.status_code == 422
    assert MOVED_ON in response.text
    assert everything_kept() == before
    assert [text for text in scenario.texts if text not in response.text] == []
    shown = forms_on(response.text, scenario.action)
    return next(fresh for fresh in shown if fresh.action == scenario.action)


def test_invariants_5_and_15_outdated_it_changes_nothing_and_fresh_it_is_done_once(
    scenario: Scenario, browser: FlaskClient
) -> None:
    page_forms = forms_on(browser.get(scenario.page).text, scenario.page)
    others = [form for form in page_forms if form.action != "/desk/sign-out"]
    assert [form.action for form in others if not carries_what_it_must(form)] == []
    form = next(form for form in others if form.action == scenario.action)
    if "shown_version" in form.hidden:
        form.hidden["shown_version"] = "0"
        form = send_outdated(browser, form, scenario)
    first = send(browser, form, scenario.typed)
    assert first.status_code == 302, first.text
    kept = everything_kept()
    second = send(browser, form, scenario.typed)
    assert (second.status_code, second.location) == (302, first.location)
    assert everything_kept() == kept


@pytest.mark.parametrize("version", OUTDATED)
@pytest.mark.parametrize("endpoint", ["desk.move_appointment", "desk.record_finding"])
def test_whatever_stands_for_a_version_that_was_not_shown_is_outdated(
    browser: FlaskClient, clinic: Clinic, endpoint: str, version: str
) -> None:
    """One is a row's own count, the other a digest."""
    scenario = SCENARIOS[endpoint](clinic, browser)
    form = scenario.form(browser)
    form.hidden["shown_version"] = version
    send_outdated(browser, form, scenario)


def test_a_new_patient_sent_twice_with_another_name_is_made_once(
    browser: FlaskClient, clinic: Clinic
) -> None:
    scenario = SCENARIOS["desk.create_patient"](clinic, browser)
    form = scenario.form(browser)
    assert send(browser, form, scenario.typed).status_code == 302
    again = send(browser, form, {**scenario.typed, "given_name": "Nicolas"})
    assert again.status_code == 422
    assert "Nicolas" in again.text
    assert [patient.given_name for patient in db.session.scalars(select(Patient))] == ["Nico"]


def test_a_stale_move_says_what_changed_and_who_changed_it(
    desk: FlaskClient, clinic: Clinic, clock: time_machine.Traveller
) -> None:
    appointment = a_booking(local(10))
    page = f"/desk/visits/{appointment.id}/move"
    form = form_on(desk, page, page)
    clock.shift(60)
    appointment_operations.move(appointment.id, local(15), now(), f"staff:{clinic.practitioner.id}")
    clock.shift(60)
    appointment_operations.move(appointment.id, local(11), now(), f"staff:{clinic.practitioner.id}")
    response = send(desk, form, {"start": local(14).isoformat(), "reason": "Her wish"})
    assert response.status_code == 422
    assert "Moved from Tue, Dec 1, 3:00 PM to Tue, Dec 1, 11:00 AM" in response.text
    assert clinic.practitioner.name in response.text
    assert "Her wish" in response.text
    assert db.session.get_one(Appointment, appointment.id).starts_at == local(11)


def test_a_stale_cancel_of_what_the_patient_moved_cancels_nothing(
    desk: FlaskClient, clock: time_machine.Traveller
) -> None:
    appointment = a_booking(local(10))
    page = f"/desk/visits/{appointment.id}/cancel"
    form = form_on(desk, page, page)
    clock.shift(60)
    appointment_operations.move(appointment.id, local(15), now(), "online")
    response = send(desk, form, {"who": "clinic", "reason": "Room flooded"})
    assert response.status_code == 422
    assert "the patient, online" in response.text
    assert "Room flooded" in response.text
    assert db.session.get_one(Appointment, appointment.id).status is Status.BOOKED


def test_a_cancellation_of_what_another_cancelled_is_no_cancellation(
    desk: FlaskClient, clock: time_machine.Traveller
) -> None:
    appointment = a_booking(local(10))
    page = f"/desk/visits/{appointment.id}/cancel"
    form = form_on(desk, page, page)
    clock.shift(60)
    appointment_operations.cancel(appointment.id, now(), "online", by_patient=True)
    response = send(desk, form, {"who": "clinic", "reason": ""})
    assert response.status_code == 422
    assert "Cancelled (the patient, online" in response.text


def test_a_finding_made_before_a_flag_was_raised_is_not_recorded(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    patient = a_patient()
    page = f"/desk/patients/{patient.id}"
    form = form_on(practitioner, page, f"{page}/finding")
    flags.raise_flag(
        FlagKind.SEEN_AT_APPOINTMENT, ("pregnancy",), patient.birth_date, NOW, "api",
        patient_id=patient.id,
    )  # fmt: skip
    response = send(practitioner, form, {"finding": "suitable", "note": "All clear"})
    assert response.status_code == 422
    assert "All clear" in response.text
    assert db.session.scalars(select(Suitability)).all() == []


def test_a_mistake_in_an_outdated_form_does_not_hide_that_it_is_outdated(
    desk: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(10))
    page = f"/desk/visits/{appointment.id}/move"
    form = form_on(desk, page, page)
    appointment_operations.move(appointment.id, local(15), NOW, "online")
    assert MOVED_ON in send(desk, form, {"start": "nonsense"}).text
