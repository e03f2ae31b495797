"""Signing in at the desk, and what a page of the desk never does."""

from flask import Flask
from flask.testing import FlaskClient

from booking.staff.password_changes import set_password
from tests.builders import NOW, Clinic, a_booking
from tests.desk.signed_in import PASSWORD


def test_the_right_password_opens_the_desk(client: FlaskClient, clinic: Clinic) -> None:
    set_password(clinic.front_desk.email, PASSWORD, NOW)
    assert 'name="password"' in client.get("/desk/sign-in").text
    data = {"email": clinic.front_desk.email, "password": PASSWORD}
    assert client.post("/desk/sign-in", data=data).location == "/desk/"
    assert client.get("/desk/tasks").status_code == 200


def test_a_wrong_password_keeps_the_address(client: FlaskClient, clinic: Clinic) -> None:
    data = {"email": clinic.front_desk.email, "password": "not this one"}
    response = client.post("/desk/sign-in", data=data)
    assert response.status_code == 422
    assert "belong together" in response.text
    assert f'value="{clinic.front_desk.email}"' in response.text
    assert "not this one" not in response.text


def test_nothing_changes_by_opening_a_link(desk: FlaskClient) -> None:
    appointment = a_booking()
    for step in ("check-in", "no-show", "outcome"):
        assert desk.get(f"/desk/visits/{appointment.id}/{step}").status_code == 405


def test_a_form_without_its_token_is_refused(app: Flask, desk: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    appointment = a_booking()
    assert (
        desk.post(f"/desk/visits/{appointment.id}/cancel", data={"who": "patient"}).status_code
        == 400
    )


def test_every_form_carries_its_token(desk: FlaskClient) -> None:
    appointment = a_booking()
    for path in ("/desk/day/ahwatukee/2026-12-01", f"/desk/visits/{appointment.id}/cancel"):
        text = desk.get(path).text
        assert text.count('method="post"') == text.count('name="csrf_token"')
