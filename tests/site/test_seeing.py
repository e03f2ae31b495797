"""The pages as people set their browsers: forced colours, text at twice its size, 320 pixels, keyboard."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from booking import clock
from booking.extensions import db
from tests.browser import OpenPage, axe_violations, overflows
from tests.builders import PHOENIX, a_clinic
from tests.server import Server, app_beside
from tests.site.test_walk import answer_no, choose_a_time, tell_who

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NARROW = 320
LARGE = "document.documentElement.style.fontSize = '200%'"
STYLE = "(one, name) => getComputedStyle(one)[name]"


@pytest.fixture(autouse=True)
def app(server: Server) -> Iterator[Flask]:
    """The app beside the server, on the same database, with a clinic."""
    with app_beside(server) as made:
        a_clinic()
        yield made


def open_times(page: Page, url: str) -> None:
    """Open the times of the day after tomorrow: today's next one comes too soon while a test runs."""
    day = clock.local_date(clock.now(), PHOENIX.key) + timedelta(days=2)
    page.goto(f"{url}/book/time?day={day}")


def steps(page: Page, url: str) -> Iterator[str]:
    """Go from the first page to the appointment's own; stop at each step, and where errors return."""
    page.goto(url)
    yield "start"
    open_times(page, url)
    yield "time"
    page.locator("button.slot").first.click()
    yield "safety"
    page.get_by_role("button", name="Continue").click()
    yield "safety with errors"
    for label, value in (("Month", "2"), ("Day", "29"), ("Year", "1980")):
        page.get_by_label(label, exact=True).fill(value)
    for no in page.get_by_label("No", exact=True).all():
        no.check()
    page.get_by_role("button", name="Continue").click()
    yield "you"
    page.get_by_role("button", name="Continue").click()
    yield "you with errors"
    for label, value in (("First name", "Test"), ("Last name", "Person"),
                         ("Phone number", "602 555 0123")):  # fmt: skip
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Continue").click()
    yield "check"
    page.get_by_role("button", name="Book this visit").click()
    yield "done"
    page.get_by_role("link", name="Your visit's page").click()
    yield "visit"
    page.get_by_role("link", name="Cancel this visit").click()
    yield "cancel"
    page.goto(f"{url}/book/call")
    yield "call"


def test_nothing_is_cut_off_at_twice_the_text_size(server: Server, open_page: OpenPage) -> None:
    page, cut_off = open_page(NARROW), []
    for step in steps(page, server.url):
        page.wait_for_load_state("load")  # a click waits for the page, not for what is on it
        page.evaluate(LARGE)
        if overflows(page):
            cut_off.append(step)
    assert cut_off == []


def test_axe_finds_nothing_in_forced_colours_on_a_narrow_screen(
    server: Server, open_page: OpenPage
) -> None:
    page = open_page(NARROW, forced_colors="active")
    found = [(step, axe_violations(page), overflows(page)) for step in steps(page, server.url)]
    assert [one for one in found if one[1] or one[2]] == []


def style(of: Locator, name: str) -> str:
    found: str = of.evaluate(STYLE, name)
    return found


def test_in_forced_colours_buttons_keep_an_edge_and_the_day_its_mark(
    server: Server, open_page: OpenPage
) -> None:
    page = open_page(NARROW, forced_colors="active")
    open_times(page, server.url)
    slot = page.locator("button.slot").first
    assert style(slot, "borderTopWidth") == "2px"
    chosen, other = page.locator(".month a[aria-current]"), page.locator(".month a").first
    assert style(chosen, "backgroundColor") != style(other, "backgroundColor")
    slot.click()
    button = page.get_by_role("button", name="Continue")
    assert style(button, "borderTopWidth") == "2px"
    assert style(button, "borderTopColor") != style(button, "backgroundColor")


def test_an_error_leads_to_its_question_by_keyboard(server: Server, open_page: OpenPage) -> None:
    page = open_page(NARROW, javascript=False)
    open_times(page, server.url)
    page.locator("button.slot").first.click()
    page.get_by_label("Month").fill("2")
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_label("Month")).to_have_value("2")
    page.get_by_role("link", name="Question 2: choose yes or no.").press("Enter")
    expect(page.locator("#q-psychosis-yes")).to_be_focused()


def test_back_and_forth_books_what_is_shown(server: Server, open_page: OpenPage) -> None:
    page = open_page(NARROW)
    choose_a_time(page, server.url)
    answer_no(page)
    tell_who(page)
    page.go_back()
    expect(page.get_by_label("First name")).to_have_value("Test")
    page.go_back()
    page.go_forward()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check and book")
    page.get_by_role("button", name="Book this visit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit is booked")
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit is booked")


def test_two_windows_show_what_the_other_changed(server: Server, open_page: OpenPage) -> None:
    first = open_page(NARROW)
    for step in steps(first, server.url):
        if step == "check":
            break
    second = first.context.new_page()
    open_times(second, server.url)
    second.locator("button.slot").last.click()
    expect(second.get_by_role("heading", level=1)).to_have_text("Check and book")
    first.get_by_role("button", name="Book this visit").click()
    expect(first).to_have_title("Error: Check and book")
    expect(first.get_by_role("alert")).to_contain_text("The time kept for you is now")
    assert axe_violations(first) == []
    first.locator(".error-summary button.slot").click()
    first.get_by_role("button", name="Book this visit").click()
    expect(first.get_by_role("heading", level=1)).to_have_text("Your visit is booked")


def test_two_clicks_ask_for_one_call(server: Server, open_page: OpenPage) -> None:
    page = open_page(NARROW)
    page.goto(f"{server.url}/book/call")
    page.get_by_label("Your name").fill("Test")
    page.get_by_label("Phone number").fill("602 555 0123")
    page.get_by_role("button", name="Please call me").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("We will call you")
    assert db.session.scalar(db.text("SELECT count(*) FROM call_request")) == 1
