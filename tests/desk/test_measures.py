"""Capacity and measures at the desk: what the pages show, what is saved, and bad addresses."""

import csv
import io
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from booking import clock as clocks
from booking.appointments.rules import Status
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Location
from booking.staff.password_changes import set_password
from tests.browser import ON_A_PHONE_AND_A_DESK, OpenPage, axe_violations, overflows
from tests.builders import TOMORROW, Clinic, a_clinic, local
from tests.desk.signed_in import PASSWORD
from tests.measures.lived import add_appointment, add_series
from tests.second_engine import ibm_violations
from tests.series.prescribed import RECOMMENDED, SIX, a_booked_series, a_series
from tests.server import Server, app_beside

LAST_MONDAY = "2026-11-23"


def table_of(browser: FlaskClient, address: str) -> list[dict[str, str]]:
    """Return what a spreadsheet would show of an address, by the heads of its columns."""
    response = browser.get(address)
    assert response.mimetype == "text/csv"
    text = response.data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_map_has_a_row_for_each_day_and_says_what_binds(
    desk: FlaskClient, clinic: Clinic
) -> None:
    a_booked_series(clinic, SIX)
    text = desk.get("/desk/capacity").text
    assert text.count('<th scope="row"><a href="/desk/day/ahwatukee/') == 84
    assert '<span class="by">N</span>' in text


def test_what_is_foreseen_can_be_left_out(desk: FlaskClient, clinic: Clinic) -> None:
    a_series(clinic, RECOMMENDED)
    assert "Series prescribed and not booked" in desk.get("/desk/capacity").text
    rows = table_of(desk, "/desk/capacity.csv?counted=booked")
    assert {row["chairs_foreseen_percent"] for row in rows} == {"0.0"}
    assert any(
        row["chairs_foreseen_percent"] != "0.0" for row in table_of(desk, "/desk/capacity.csv")
    )


def test_the_table_of_capacity_has_each_half_hour(desk: FlaskClient, clinic: Clinic) -> None:
    rows = table_of(desk, "/desk/capacity.csv?location=ahwatukee")
    assert len(rows) == 84 * 16
    assert (rows[0]["date"], rows[0]["from"], rows[0]["to"]) == ("2026-11-30", "09:00", "09:30")
    assert {row["binds"] for row in rows} == {"Chairs"}


def test_measures_show_each_figure_with_what_it_is_made_of(
    desk: FlaskClient, clinic: Clinic
) -> None:
    for status in (Status.NOSHOW, Status.FULFILLED, Status.FULFILLED):
        add_appointment(clinic, local(9, day=TOMORROW.replace(month=11, day=24)), status)
    text = " ".join(desk.get("/desk/measures").text.split())
    assert '<strong>33%</strong> <span class="quiet">1 of 3</span>' in text
    rows = table_of(desk, f"/desk/measures.csv?first={LAST_MONDAY}&last=2026-11-29")
    (no_shows,) = [
        row for row in rows if row["measure"].startswith("No-shows, of visits")
        and row["first_day"] == LAST_MONDAY and row["location"] == "Ahwatukee Clinic"
    ][:1]  # fmt: skip
    assert (no_shows["value"], no_shows["part"], no_shows["of"]) == ("33.33", "1", "3")


def test_a_name_that_would_be_a_formula_is_text_in_the_table(
    desk: FlaskClient, clinic: Clinic
) -> None:
    with transaction():
        db.session.get_one(Location, clinic.location.id).name = "=cmd()"
    names = {row["location"] for row in table_of(desk, "/desk/measures.csv")}
    assert names <= {"'=cmd()", "Ahwatukee Clinic"}


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("first=yesterday", "Enter a day"),
        ("first=2026-11-23&last=2026-11-20", "before the last one"),
        ("last=2027-01-01", "what is to come is under Capacity"),
        ("first=2024-01-01&last=2026-11-20", "a year at most"),
        ("last=9999-99-99", "Enter a day"),
    ],
)
@pytest.mark.parametrize("page", ["/desk/measures", "/desk/measures.csv"])
def test_days_that_make_no_period_are_refused_and_kept(
    desk: FlaskClient, page: str, query: str, refusal: str
) -> None:
    response = desk.get(f"{page}?{query}")
    assert response.status_code == 422
    assert refusal in response.text
    assert f'value="{query.rsplit("=", maxsplit=1)[-1]}"' in response.text


@pytest.mark.parametrize(
    "address",
    [
        "/desk/capacity?location=nowhere&counted=%00x",
        "/desk/measures?location=%27",
        "/desk/capacity.csv?counted=all&counted=2",
    ],
)
def test_what_makes_no_sense_is_never_a_fault(desk: FlaskClient, address: str) -> None:
    assert desk.get(address).status_code in (200, 400)


def test_without_a_location_there_is_nothing_to_measure(desk: FlaskClient, clinic: Clinic) -> None:
    with transaction():
        db.session.get_one(Location, clinic.location.id).active = False
        db.session.execute(db.text("UPDATE catalogue SET version = version + 1"))
    assert {desk.get(f"/desk/{page}").status_code for page in ("capacity", "measures")} == {404}


@pytest.fixture
def beside(server: Server) -> Iterator[Flask]:
    """The app beside the server, on the same database."""
    with app_beside(server) as app:
        yield app


def look_at(page: Page) -> None:
    assert axe_violations(page) + ibm_violations(page) == []
    assert not overflows(page)


@ON_A_PHONE_AND_A_DESK
def test_capacity_and_measures_are_looked_at(
    beside: Flask, server: Server, open_page: OpenPage, width: int
) -> None:
    clinic = a_clinic(chairs=2)
    set_password(clinic.front_desk.email, PASSWORD, clocks.now())
    add_series(clinic, RECOMMENDED, [-14, -11, -7, -4, 0, 3, 7, 14])
    page = open_page(width)
    page.goto(f"{server.url}/desk/capacity")
    page.get_by_label("E-mail").fill(clinic.front_desk.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    look_at(page)
    page.get_by_label("Count").select_option("without_new")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="Without new series")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download as CSV").click()
    assert saved.value.suggested_filename.startswith("capacity-ahwatukee-")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Measures").click()
    look_at(page)
    if page.get_by_text("The same as a table").count():
        page.get_by_text("The same as a table").first.click()
        look_at(page)
