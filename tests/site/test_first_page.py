"""The first page: what a consultation is and costs, where and when the next ones are, how much it weighs."""

import re
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from booking.calendars import availability
from booking.calendars.models import Service
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Location
from tests.builders import Clinic, a_clinic
from tests.site.steps import up_to_check

MOST_BYTES = 20_000  # of a page with all that it loads, compressed
MAP = "https://www.google.com/maps/search/?api=1&amp;query=1+Example+Street"


def set_price(cents: int | None) -> None:
    with transaction():
        db.session.query(Service).filter_by(slug="consultation").update({"price_cents": cents})
        availability.increment_catalogue_version()


def test_what_it_costs_is_said_to_the_cent_that_counts(client: FlaskClient, clinic: Clinic) -> None:
    assert "$150 at the clinic" in client.get("/").text
    set_price(9950)
    assert "$99.50 at the clinic" in client.get("/").text


def test_a_price_that_is_not_stated_is_not_shown(client: FlaskClient, clinic: Clinic) -> None:
    set_price(None)
    assert "$" not in client.get("/").text
    up_to_check(client)
    page = client.get("/book/check").text
    assert "The consultation takes 45 minutes." in page
    assert "$" not in page


def test_each_location_has_its_next_times_and_a_map(client: FlaskClient, clinic: Clinic) -> None:
    a_clinic(slug="scottsdale")
    cards = client.get("/").text.split('<section class="card"')[1:]
    assert [f"{slug.title()} Clinic" in card for slug, card in zip(
        ("ahwatukee", "scottsdale"), cards, strict=True
    )] == [True, True]  # fmt: skip
    assert [card.count('<button class="slot"') for card in cards] == [4, 4]
    assert [f'href="{MAP}"' in card for card in cards] == [True, True]


def compressed_size(client: FlaskClient, path: str) -> int:
    response = client.get(path, headers={"Accept-Encoding": "br"})
    assert response.status_code == 200
    return len(response.data)


@pytest.mark.parametrize(
    "path", ["/", "/book/time", "/book/time?location=any&day=2026-12-29", "/book/call"]
)
def test_a_page_with_all_it_loads_is_light(client: FlaskClient, clinic: Clinic, path: str) -> None:
    """The files too, which a browser asks for by version and with its cookie."""
    a_clinic(slug="scottsdale")
    loaded = re.findall(r'<(?:link|script|img)[^>]* (?:href|src)="([^"]*)"', client.get(path).text)
    assert {"tokens.css", "base.css", "site.css"} <= {urlsplit(file).path[12:] for file in loaded}
    assert sum(compressed_size(client, file) for file in (path, *loaded)) < MOST_BYTES


@pytest.mark.parametrize("page", ["/", "/book/time"])
def test_a_clinic_that_is_not_set_up_says_so(client: FlaskClient, page: str) -> None:
    said = client.get(page)
    assert (said.status_code, "Please call the clinic." in said.text) == (503, True)


@pytest.mark.parametrize("page", ["/", "/book/time"])
def test_a_clinic_without_a_location_left_says_so(
    client: FlaskClient, clinic: Clinic, page: str
) -> None:
    with transaction():
        db.session.query(Location).update({"active": False})
        availability.increment_catalogue_version()
    assert client.get(page).status_code == 503
