"""Booking at the desk begins where the caller is: in the search box, at a task, on the patient's page."""

import re

from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.extensions import db
from booking.patients.call_requests import create_call_request
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from tests.builders import NOW, Clinic, a_patient, local
from tests.desk.page_forms import form_on, send


def test_what_was_typed_to_find_somebody_fills_the_new_record(desk: FlaskClient) -> None:
    panel = desk.get("/desk/patients/suggestions?q=Ana+Ruiz+602+555+0142").text
    (link,) = re.findall(r'href="(/desk/patients/new[^"]*)"', panel)
    text = desk.get(link.replace("&amp;", "&")).text
    for value in ("Ana", "Ruiz", "602 555 0142"):
        assert f'value="{value}"' in text


def test_who_asked_to_be_called_is_booked_from_the_task(desk: FlaskClient, clinic: Clinic) -> None:
    call = create_call_request("Ana Ruiz", "+16025550142", NOW)
    for kind, number in (("call_request", call.id), ("patient", a_patient().id)):
        tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, kind, number, NOW, NOW)
    text = desk.get("/desk/tasks").text
    assert re.search(r'href="/desk/patients/[0-9]+/book\?task=[0-9]+">Book a visit', text)
    assert f'href="/desk/patients/new?call={call.id}">Book a visit' in text
    text = desk.get(f"/desk/patients/new?call={call.id}").text
    for value in ("Ana", "Ruiz", "+16025550142"):
        assert f'value="{value}"' in text
    assert desk.get("/desk/patients/new?call=999").status_code == 200


def test_a_known_patients_follow_up_takes_four_clicks(desk: FlaskClient, clinic: Clinic) -> None:
    """The name in the panel, the service, the time, "Book"; and the reference is there to be read out."""
    patient = a_patient(clinic, given_name="Ana", family_name="Ruiz")
    panel = desk.get("/desk/patients/suggestions?q=Ruiz").text
    assert f'href="/desk/patients/{patient.id}"' in panel
    page = f"/desk/patients/{patient.id}/book"
    assert f'href="{page}?service=follow-up"' in desk.get(f"/desk/patients/{patient.id}").text
    form = form_on(desk, f"{page}?service=follow-up", page)
    safe = {f"q-{slug}": "no" for slug in ("danger", "psychosis", "pregnancy")}
    response = send(desk, form, {"start": local(10).isoformat(), **safe})
    assert response.status_code == 302, response.text
    appointment = db.session.scalars(select(Appointment)).one()
    assert f"Read out the reference: {appointment.reference}" in desk.get(response.location).text
