"""A patient's pages in Spanish: what the browser prefers, what the person chooses, and what that keeps."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.models import AppointmentContact
from booking.audit.models import AuditEntry
from booking.extensions import db
from booking.patients.models import CallRequest, Patient
from booking.screening.models import ScreeningResponse
from tests.builders import Clinic, a_booking, a_contact, local
from tests.site.steps import BIRTH, NO, YOU, count, hold, send, up_to_check

SPANISH = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.8"}
TO_SPANISH, TO_ENGLISH = {"switch-language": "es"}, {"switch-language": "en"}


def heading(page: str) -> str:
    title = re.search(r"<h1>(.*?)</h1>", page)
    assert title
    return title[1]


def test_a_page_is_in_the_language_that_the_browser_prefers(
    client: FlaskClient, clinic: Clinic
) -> None:
    for wish, language, title in (
        (SPANISH, "es", "Elija una hora"),
        ({"Accept-Language": "fr"}, "en", "Choose a time"),
        ({}, "en", "Choose a time"),
    ):
        response = client.get("/book/time", headers=wish)
        assert heading(response.text) == title
        assert f'<html lang="{language}">' in response.text
        assert response.headers["Content-Language"] == language
        assert {"Accept-Language", "Cookie"} <= set(response.vary)


def test_days_times_and_money_are_written_as_spanish_speakers_here_write_them(
    client: FlaskClient, clinic: Clinic
) -> None:
    page = client.get("/", headers=SPANISH).text
    for words in (
        "lunes 30 de noviembre",
        "10:00 a.m.",
        "$150",
        "hora estándar de las Montañas",
    ):
        assert words in page


def test_the_switch_leads_to_the_same_page_and_is_remembered(
    client: FlaskClient, clinic: Clinic
) -> None:
    page = client.get("/book/time?location=ahwatukee&day=2026-12-02").text
    link = re.search(r'href="([^"]*)" lang="es" hreflang="es">Español</a>', page)
    assert link
    response = client.get(link[1].replace("&amp;", "&"))
    assert response.location == "/book/time?location=ahwatukee&day=2026-12-02"
    cookie = response.headers["Set-Cookie"]
    assert all(part in cookie for part in ("language=es", "HttpOnly", "SameSite=Lax", "Max-Age="))
    assert heading(client.get("/book/call").text) == "Hablar con una persona"
    client.get("/?lang=en")
    assert heading(client.get("/book/call", headers=SPANISH).text) == "Talk to a person"


@pytest.mark.parametrize("language", ["fr", "", "es_US", "../en"])
def test_a_language_that_we_do_not_speak_changes_nothing(
    client: FlaskClient, clinic: Clinic, language: str
) -> None:
    response = client.get("/book/call", query_string={"lang": language})
    assert response.location == "/book/call"
    assert "language=" not in response.headers.get("Set-Cookie", "")


def test_a_form_in_another_language_keeps_what_was_typed(
    client: FlaskClient, clinic: Clinic
) -> None:
    hold(client)
    page = send(client, "/book/safety", {**BIRTH, "q-danger": "no", **TO_SPANISH})
    assert page.status_code == 200
    assert heading(page.text) == "Unas preguntas de seguridad"
    assert re.search(r'name="q-danger" value="no" checked', page.text)
    assert 'value="1980"' in page.text
    assert "error-summary" not in page.text
    send(client, "/book/safety", {**BIRTH, **NO})
    page = send(client, "/book/you", {**YOU, "phone": "12", **TO_ENGLISH})
    assert heading(page.text) == "Who is the visit for?"
    assert 'value="12"' in page.text
    assert "error-summary" not in page.text
    for path in ("/book/call", "/book/call-first"):
        page = client.post(path, data={"name": "Test", "phone": "12", **TO_SPANISH})
        assert 'value="Test"' in page.text
    assert count(CallRequest) == 0


def test_enter_in_a_form_presses_its_own_button_first(client: FlaskClient, clinic: Clinic) -> None:
    page = client.get("/book/call").text
    buttons = re.findall(r'<button[^>]*form="call-me"[^>]*>', page)
    assert [("switch-language" in button) for button in buttons] == [False, True]


def test_who_books_in_spanish_is_written_to_in_spanish(client: FlaskClient, clinic: Clinic) -> None:
    client.get("/?lang=es")
    up_to_check(client)
    assert heading(client.get("/book/check").text) == "Revisar y reservar"
    assert (
        heading(client.get(send(client, "/book/check").location).text) == "Su cita está reservada"
    )
    assert db.session.scalars(select(Patient)).one().language == "es"
    assert db.session.scalars(select(AppointmentContact)).one().language == "es"
    assert db.session.scalars(select(ScreeningResponse)).one().language == "es"


def test_what_only_takes_forms_is_switched_on_the_first_page(
    client: FlaskClient, clinic: Clinic
) -> None:
    a_booking(local(10))
    page = hold(client)
    assert page.status_code == 409
    assert 'href="/?lang=es"' in page.text


def test_the_desk_is_in_english(client: FlaskClient) -> None:
    client.set_cookie("language", "es")
    page = client.get("/desk/sign-in", headers=SPANISH)
    assert '<html lang="en">' in page.text
    assert "Sign in" in page.text


def test_a_program_is_answered_in_the_language_it_asks_for(
    client: FlaskClient, clinic: Clinic
) -> None:
    client.set_cookie("language", "es")
    for wish, title in (
        ({}, "There is no visit at this address"),
        (SPANISH, "No hay ninguna cita en esta dirección"),
    ):
        response = client.get("/api/v1/appointments/none", headers=wish)
        assert response.json
        assert response.json["title"] == title
        assert "Accept-Language" in response.vary


def test_who_chose_spanish_on_the_way_is_written_to_in_spanish(
    client: FlaskClient, clinic: Clinic
) -> None:
    up_to_check(client)
    client.get("/book/check?lang=es")
    send(client, "/book/check")
    assert db.session.scalars(select(AppointmentContact)).one().language == "es"
    assert db.session.scalars(select(ScreeningResponse)).one().language == "en"  # as asked


def test_ones_own_page_opens_in_the_language_kept_with_its_person(
    client: FlaskClient, clinic: Clinic
) -> None:
    path = f"/a/{a_booking(contact=a_contact(language='es')).token}"
    english = {"Accept-Language": "en"}
    assert heading(client.get(path, headers=english).text) == "Su cita"
    assert "SUMMARY:Cita" in client.get(f"{path}/visit.ics", headers=english).text
    for way in ("cancel", "move", "visits", "waitlist"):
        assert '<html lang="es">' in client.get(f"{path}/{way}", headers=english).text
    client.get(f"{path}?lang=en")
    assert heading(client.get(path, headers=english).text) == "Your visit"
    assert "SUMMARY:Visit" in client.get(f"{path}/visit.ics", headers=english).text


def test_english_on_file_leaves_the_page_to_the_browser(
    client: FlaskClient, clinic: Clinic
) -> None:
    page = client.get(f"/a/{a_booking().token}", headers=SPANISH).text
    assert heading(page) == "Su cita"
    assert "Nuestros mensajes de texto y correos para usted están en inglés." in page


def test_messages_go_in_another_language_once_it_is_asked_for(
    client: FlaskClient, clinic: Clinic
) -> None:
    first = a_booking(local(10), contact=a_contact(language="en"))
    patient = db.session.get_one(Patient, first.patient_id)
    a_booking(local(14), contact=patient.contact)
    path = f"/a/{first.token}"
    assert "Our texts and e-mails" not in client.get(path).text
    for language, kept in (("es", "es"), ("fr", "es"), ("", "es"), ("en", "en")):
        assert client.post(f"{path}/language", data={"language": language}).location == path
        db.session.expire_all()
        contacts = db.session.scalars(select(AppointmentContact)).all()
        assert [patient.language, *(contact.language for contact in contacts)] == [kept] * 3
    assert client.post("/a/none/language", data={"language": "es"}).status_code == 404
    entries = db.session.scalars(select(AuditEntry).filter_by(action="set_language")).all()
    assert [(entry.actor, entry.subject_id) for entry in entries] == [("online", patient.id)] * 2
