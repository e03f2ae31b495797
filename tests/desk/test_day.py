"""The day page and what is done to an appointment from it."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from time_machine import Traveller

from booking.appointments import attendance, holds
from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import book_for_patient
from booking.appointments.rules import Origin, Outcome, Status
from booking.calendars import availability
from booking.extensions import db
from booking.patients.models import Patient
from tests.builders import (
    NOW,
    TOMORROW,
    Clinic,
    a_booking,
    a_clinic,
    a_closure,
    a_contact,
    a_patient,
    answers,
    local,
)
from tests.desk.signed_in import sign_in

TODAY = NOW.date()


def an_infusion(clinic: Clinic, hour: int = 10, patient: Patient | None = None) -> Appointment:
    catalogue = availability.current_catalogue()
    location, service = catalogue.locations[clinic.location.slug], catalogue.services["infusion"]
    starts_at = local(hour, day=TODAY)
    return book_for_patient(
        patient or a_patient(clinic), location, service,
        service.infusion_demand(15, 45, 30, location), starts_at,
        NOW, origin=Origin.DESK, actor="test",
    )  # fmt: skip


def read_again(appointment: Appointment) -> Appointment:
    return db.session.scalars(select(Appointment).filter_by(id=appointment.id)).one()


def test_today_leads_to_the_first_location(desk: FlaskClient) -> None:
    response = desk.get("/desk/")
    assert response.location == "/desk/day/ahwatukee/2026-11-30"


def test_today_leads_to_the_location_last_looked_at(desk: FlaskClient) -> None:
    a_clinic(slug="scottsdale")
    desk.get("/desk/day/scottsdale/2026-12-01")
    assert desk.get("/desk/").location == "/desk/day/scottsdale/2026-11-30"


def test_the_day_shows_each_appointment_by_room_chair_and_practitioner(
    desk: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(contact=a_contact(given_name="Ana", family_name="Ruiz"))
    text = desk.get("/desk/day/ahwatukee/2026-12-01").text
    assert 'scope="col">room 1<' in text
    assert 'scope="col">chair 4<' in text
    assert f'scope="col">{clinic.practitioner.name}<' in text
    assert "seat 1" not in text
    # In its room, with its practitioner
    assert text.count(f'href="/desk/visits/{appointment.id}"') == 2
    assert "Ruiz, Ana" in text
    assert "First visit" in text


def test_an_appointment_that_is_over_stays_where_it_took_place(
    desk: FlaskClient, clinic: Clinic
) -> None:
    appointment = an_infusion(clinic)
    attendance.check_in(appointment.id, local(10, day=TODAY), "test")
    attendance.fulfil(appointment.id, Outcome.STOPPED_EARLY, local(10, 40, day=TODAY), "test")
    text = desk.get("/desk/day/ahwatukee/2026-11-30").text
    assert text.count(f'href="/desk/visits/{appointment.id}"') == 1
    assert 'rowspan="3"' in text
    assert "· chair 1" in text


def test_a_cancelled_appointment_leaves_the_table_and_stays_in_the_list(
    desk: FlaskClient, clinic: Clinic
) -> None:
    appointment = an_infusion(clinic)
    appointment_operations.cancel(appointment.id, NOW, "test", by_patient=True)
    text = desk.get("/desk/day/ahwatukee/2026-11-30").text
    assert f'href="/desk/visits/{appointment.id}"' not in text
    assert f'id="visit-{appointment.id}"' in text


def test_an_infusion_spans_its_quarters(desk: FlaskClient, clinic: Clinic) -> None:
    an_infusion(clinic)
    assert 'rowspan="6"' in desk.get("/desk/day/ahwatukee/2026-11-30").text


def test_open_flags_are_shown_on_the_day(desk: FlaskClient) -> None:
    a_booking(answers=answers(pregnancy=True))
    assert "1 flag" in desk.get("/desk/day/ahwatukee/2026-12-01").text


def test_who_was_seen_before_is_not_on_a_first_appointment(
    desk: FlaskClient, clinic: Clinic, clock: Traveller
) -> None:
    patient = a_patient(clinic)
    before = an_infusion(clinic, patient=patient)
    clock.move_to(local(10, 5, day=TODAY))
    attendance.check_in(before.id, local(10, 5, day=TODAY), "test")
    catalogue = availability.current_catalogue()
    book_for_patient(
        patient, catalogue.locations["ahwatukee"], catalogue.services["follow-up"],
        catalogue.services["follow-up"].demand, local(10), NOW, origin=Origin.DESK, actor="test",
    )  # fmt: skip
    assert "First visit" not in desk.get("/desk/day/ahwatukee/2026-12-01").text


def test_only_the_first_of_several_booked_appointments_is_the_first(
    desk: FlaskClient, clinic: Clinic
) -> None:
    patient = a_patient(clinic)
    an_infusion(clinic, patient=patient)
    catalogue = availability.current_catalogue()
    service = catalogue.services["follow-up"]
    book_for_patient(
        patient, catalogue.locations["ahwatukee"], service, service.demand, local(10), NOW,
        origin=Origin.DESK, actor="test",
    )  # fmt: skip
    assert "First visit" in desk.get("/desk/day/ahwatukee/2026-11-30").text
    assert "First visit" not in desk.get("/desk/day/ahwatukee/2026-12-01").text


def test_the_day_leads_to_its_neighbours(desk: FlaskClient) -> None:
    text = desk.get("/desk/day/ahwatukee/2026-12-01").text
    assert 'href="/desk/day/ahwatukee/2026-11-30"' in text
    assert 'href="/desk/day/ahwatukee/2026-12-02"' in text


def test_a_closed_day_says_why(desk: FlaskClient, clinic: Clinic) -> None:
    a_closure(clinic.location, TOMORROW)
    text = desk.get(f"/desk/day/ahwatukee/{TOMORROW}").text
    assert "Closed on this day: Closed." in text
    assert '<span class="mark">Closed: Closed</span></h1>' in text


@pytest.mark.parametrize(
    "path",
    [
        "/desk/day/nowhere/2026-12-01", "/desk/day/ahwatukee/tomorrow",
        "/desk/day/ahwatukee/0001-01-01", "/desk/day/ahwatukee/9999-12-31",
        "/desk/visits/99", "/desk/visits/99/move", "/desk/patients/99", "/desk/visits/99/cancel",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(desk: FlaskClient, path: str) -> None:
    assert desk.get(path).status_code == 404


def test_a_day_asked_for_in_the_form_is_shown(desk: FlaskClient) -> None:
    response = desk.get("/desk/day?location=ahwatukee&date=2026-12-24")
    assert response.location == "/desk/day/ahwatukee/2026-12-24"
    assert desk.get("/desk/day?date=x").location == "/desk/day/ahwatukee/2026-11-30"


def test_a_hold_is_not_an_appointment_yet(desk: FlaskClient) -> None:
    appointment = holds.create_hold("consultation", "ahwatukee", local(10), NOW)
    assert desk.get(f"/desk/visits/{appointment.id}").status_code == 404


def test_checking_in_makes_the_appointment_arrived(desk: FlaskClient, clinic: Clinic) -> None:
    appointment = an_infusion(clinic)
    response = desk.post(f"/desk/visits/{appointment.id}/check-in")
    assert response.location == f"/desk/day/ahwatukee/2026-11-30#visit-{appointment.id}"
    assert read_again(appointment).status is Status.ARRIVED


def test_checking_in_a_day_early_is_refused_in_words(desk: FlaskClient) -> None:
    appointment = a_booking(local(10, day=TODAY + timedelta(days=3)))
    response = desk.post(f"/desk/visits/{appointment.id}/check-in")
    assert response.status_code == 422
    assert "too early" in response.text
    assert read_again(appointment).status is Status.BOOKED


def test_an_outcome_ends_the_appointment(app: Flask, clinic: Clinic, clock: Traveller) -> None:
    appointment = an_infusion(clinic, hour=9)
    clock.move_to(appointment.starts_at)
    desk = sign_in(app, clinic.front_desk)
    desk.post(f"/desk/visits/{appointment.id}/check-in")
    desk.post(f"/desk/visits/{appointment.id}/outcome", data={"outcome": "treated"})
    assert read_again(appointment).outcome is Outcome.TREATED
    assert "Treated" in desk.get("/desk/day/ahwatukee/2026-11-30").text


@pytest.mark.parametrize("outcome", ["", "seen", "anything"])
def test_an_outcome_that_an_infusion_cannot_have_is_refused(
    desk: FlaskClient, clinic: Clinic, outcome: str
) -> None:
    appointment = an_infusion(clinic)
    desk.post(f"/desk/visits/{appointment.id}/check-in")
    response = desk.post(f"/desk/visits/{appointment.id}/outcome", data={"outcome": outcome})
    assert response.status_code == 422
    assert read_again(appointment).status is Status.ARRIVED


def test_a_no_show_is_marked_only_after_the_start(
    app: Flask, desk: FlaskClient, clinic: Clinic, clock: Traveller
) -> None:
    appointment = an_infusion(clinic)
    assert desk.post(f"/desk/visits/{appointment.id}/no-show").status_code == 422
    clock.move_to(local(10, 20, day=TODAY))
    desk = sign_in(app, clinic.front_desk)  # two hours idle ended the first sign-in
    assert desk.post(f"/desk/visits/{appointment.id}/no-show").status_code == 302
    assert read_again(appointment).status is Status.NOSHOW


def test_cancelling_asks_who_cancels(desk: FlaskClient) -> None:
    appointment = a_booking()
    path = f"/desk/visits/{appointment.id}/cancel"
    assert desk.get(path).status_code == 200
    response = desk.post(path, data={"reason": "Flat tyre"})
    assert response.status_code == 422
    assert 'value="Flat tyre"' in response.text
    assert desk.post(path, data={"who": "patient"}).status_code == 302
    assert read_again(appointment).status is Status.CANCELLED


def test_the_appointment_page_shows_its_reference(desk: FlaskClient) -> None:
    appointment = a_booking()
    assert appointment.reference in desk.get(f"/desk/visits/{appointment.id}").text


def test_a_day_looked_at_again_sets_no_cookie_that_could_bring_back_an_older_one(
    app: Flask,
) -> None:
    browser, page = sign_in(app, a_clinic().practitioner), f"/desk/day/ahwatukee/{TODAY}"
    assert "Set-Cookie" in browser.get(page).headers
    assert "Set-Cookie" not in browser.get(page).headers
