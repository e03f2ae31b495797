"""How to reach a person: at the head of each page, whatever has become of the page."""

from typing import NoReturn

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from booking.calendars import availability
from tests.builders import Clinic, a_booking, a_clinic, local


@pytest.mark.parametrize(
    "path", ["/", "/book/time", "/book/call", "/book/help", "/nothing", "/a/x"]
)
def test_each_page_says_how_to_reach_a_person(
    client: FlaskClient, clinic: Clinic, path: str
) -> None:
    header = client.get(path).text.partition("<main")[0]
    assert "Ahwatukee Clinic" in header
    assert '<a class="phone" href="tel:+16025550100">(602) 555-0100</a>' in header
    assert '<a href="/book/call">Talk to a person</a>' in header


def test_a_page_about_one_location_names_that_one_alone(
    client: FlaskClient, clinic: Clinic
) -> None:
    a_clinic(slug="scottsdale")
    appointment = a_booking(local(10))
    assert "Scottsdale" in client.get("/").text.partition("<main")[0]
    assert "Scottsdale" not in client.get(f"/a/{appointment.token}").text


def test_a_page_without_a_database_still_gives_the_phone(
    client: FlaskClient, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/")

    def fail() -> NoReturn:
        raise OperationalError("SELECT 1", {}, OSError())

    monkeypatch.setattr(availability, "current_catalogue", fail)
    response = client.get("/")
    assert response.status_code == 503
    assert response.text.count('href="tel:+16025550100"') == 2
    assert client.get("/nothing").text.count('href="tel:+16025550100"') == 2
