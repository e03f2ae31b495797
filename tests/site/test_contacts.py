"""What a visitor types of who they are: read by one rule, read back, and refused in words that say why."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.models import Appointment, AppointmentContact
from booking.extensions import db
from booking.patients.models import CallRequest
from tests.builders import Clinic
from tests.site.steps import BIRTH, NO, YOU, answer, count, hold, send


def you(client: FlaskClient, **changed: str) -> tuple[int, str]:
    hold(client)
    answer(client)
    page = send(client, "/book/you", {**YOU, **changed})
    return page.status_code, page.text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("given_name", "Ann\nBuy", "on one line"),
        ("given_name", "\u200b", "invisible"),
        ("given_name", "evil.com", "web address"),
        ("family_name", "www.evil", "web address"),
        ("family_name", "---", "in letters"),
        ("family_name", "x" * 81, "80 characters at most"),
        ("phone", "555-0123", "Enter a phone number"),
        ("phone", "123-456-7890", "Enter a phone number"),
        ("email", "josé@example.com", "before the @"),
        ("email", "nobody@", "Enter an e-mail address"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_in_words(
    client: FlaskClient, clinic: Clinic, field: str, typed: str, said: str
) -> None:
    status, page = you(client, **{field: typed})
    assert status == 422
    assert f'href="#{field}"' in page
    assert said in page
    assert 'value="person@example.com"' in page or field == "email"


@pytest.mark.parametrize("phone", ["+1 809 555 0123", "+34 600 123 456", "800 555 0123"])
def test_texts_where_none_are_sent_are_refused_and_calls_are_not(
    client: FlaskClient, clinic: Clinic, phone: str
) -> None:
    status, page = you(client, phone=phone)
    assert status == 422
    assert 'href="#sms_consent"' in page
    assert 'id="sms_consent"' in page
    assert "Canada, United States" in page
    hold(client, 11)
    answer(client)
    without = {name: value for name, value in YOU.items() if name != "sms_consent"}
    assert send(client, "/book/you", {**without, "phone": phone}).location == "/book/check"


def test_the_number_is_read_back_with_its_extension(client: FlaskClient, clinic: Clinic) -> None:
    assert you(client, phone="602-555-0123 x 44")[0] == 302
    check = client.get("/book/check").text
    assert "(602) 555-0123 ext. 44" in check
    assert 'href="/book/you"' in check
    assert 'value="(602) 555-0123 ext. 44"' in client.get("/book/you").text
    send(client, "/book/check")
    contact = db.session.scalars(select(AppointmentContact)).one()
    assert contact.phone == "+16025550123;ext=44"


def test_a_domain_in_other_letters_is_read_back_as_typed(
    client: FlaskClient, clinic: Clinic
) -> None:
    assert you(client, email="Person@Bücher.de")[0] == 302
    assert "person@bücher.de" in client.get("/book/check").text


@pytest.mark.parametrize(
    ("field", "typed"), [("name", "evil.com"), ("name", "\u202eAnn"), ("phone", "000-000-0000")]
)
def test_a_wish_to_be_called_is_held_to_the_same_rules(
    client: FlaskClient, clinic: Clinic, field: str, typed: str
) -> None:
    sent = {"name": "Ann O'Brien", "phone": "602 555 0123 x9", field: typed}
    assert client.post("/book/call", data=sent).status_code == 422
    assert count(CallRequest) == 0


def test_a_wish_to_be_called_keeps_the_extension(client: FlaskClient, clinic: Clinic) -> None:
    client.post("/book/call", data={"name": "Ann O'Brien", "phone": "602 555 0123 x9"})
    request = db.session.scalars(select(CallRequest)).one()
    assert (request.name, request.phone) == ("Ann O'Brien", "+16025550123;ext=9")


@pytest.mark.parametrize(
    ("part", "typed", "said"),
    [
        ("birth_year", "84", "four digits"),
        ("birth_year", "1_98", "like 3 27 1984"),
        ("birth_day", "+9", "like 3 27 1984"),
        ("birth_month", "-2", "like 3 27 1984"),
        ("birth_year", "0", "four digits"),
        ("birth_year", "9" * 5000, "like 3 27 1984"),
    ],
)
def test_a_birth_date_is_read_as_written(
    client: FlaskClient, clinic: Clinic, part: str, typed: str, said: str
) -> None:
    hold(client)
    page = send(client, "/book/safety", {**BIRTH, **NO, part: typed})
    assert page.status_code == 422
    assert said in page.text


def test_nobody_is_born_before_the_appointment_but_after_today(
    client: FlaskClient, clinic: Clinic
) -> None:
    hold(client)  # tomorrow, 1 December
    born = {"birth_month": "12", "birth_day": "1", "birth_year": "2026"}
    assert send(client, "/book/safety", {**NO, **born}).status_code == 422
    assert count(Appointment) == 1
