"""Two people at the desk with one calendar, each in a real browser: nothing is lost, both see the same."""

import os
from collections.abc import Iterator
from datetime import date, time, timedelta
from random import Random

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from sqlalchemy import select

from booking import clock
from booking.audit.models import AuditEntry
from booking.extensions import db
from booking.staff.password_changes import set_password
from tests.browser import DESK, PHONE, TABLET, OpenPage, axe_violations, overflows
from tests.builders import PHOENIX, Clinic, a_clinic, a_patient, an_infusion, local
from tests.desk.signed_in import PASSWORD
from tests.second_engine import ibm_violations
from tests.server import Server, app_beside

CHANGES = int(os.environ.get("CALENDAR_CHANGES", "4"))  # by two browsers; 200 to be sure
OVERDUE_BAR = 36  # pixels: of a page on which something is late
HOURS, QUARTER = range(9, 17, 2), 20  # when infusions are booked at first; pixels
EACH_LOOK, MOST_LOOKS = 250, 40  # milliseconds
TRIES, HOLD = 5, 3000  # to hold a block; milliseconds each
MOVES = ("move", "change_resource")
POSITIONS = """() => [...document.querySelectorAll(".ec-event a")].map((link) => {
    const block = link.closest(".ec-event");
    return [link.href, block.style.gridColumn, block.style.insetBlockStart, block.textContent];
}).sort().join("\\n")"""


@pytest.fixture
def app(server: Server) -> Iterator[Flask]:
    """The app beside the server, on the same database."""
    with app_beside(server) as made:
        yield made


@pytest.fixture
def day(app: Flask) -> date:
    """A day to come, after the builders' own."""
    return clock.now().astimezone(PHOENIX).date() + timedelta(days=7)


@pytest.fixture
def clinic(app: Flask, day: date) -> Clinic:
    """A clinic with infusions in its chairs; its people may sign in."""
    clinic = a_clinic(opens=time(8), closes=time(18), rooms=0)
    for hour in HOURS:
        an_infusion(clinic, local(hour, day=day), a_patient(clinic))
    for person in (clinic.front_desk, clinic.practitioner):
        set_password(person.email, PASSWORD, clock.now())
    return clinic


def open_calendar(page: Page, server: Server, email: str, day: date) -> Page:
    """Sign in and open the calendar of a day."""
    page.goto(f"{server.url}/desk/sign-in?next=/desk/day/ahwatukee/{day}")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator(".ec-event a")).to_have_count(len(HOURS))
    return page


def take_hold(page: Page, block: Locator) -> tuple[float, float]:
    """Begin to drag a block; where others' changes drew it anew at that moment, once more. Return where."""
    for _ in range(TRIES):
        block.evaluate("block => block.scrollIntoView({ block: 'center' })")
        box = block.bounding_box()
        if box is None:
            continue
        x, y = box["x"] + 20, box["y"] + 12
        page.mouse.move(x, y)
        page.mouse.down()
        try:
            with page.expect_response(lambda answer: "/refused/" in answer.url, timeout=HOLD):
                page.mouse.move(x, y + 8, steps=2)
        except PlaywrightTimeoutError:
            page.mouse.up()
            page.keyboard.press("Escape")  # it was gone: that was a click on an empty time
        else:
            return x, y
    raise AssertionError("the block can't be held")


def drag(page: Page, block: Locator, columns: int, quarters: int) -> str:
    """Drag a block by so many columns and quarters of an hour; return what is said of it."""
    page.evaluate("document.querySelector('.calendar-result').replaceChildren()")
    x, y = take_hold(page, block)
    cell = page.locator(".ec-body .ec-day").first.bounding_box()
    assert cell
    page.mouse.move(x + columns * cell["width"], y + quarters * QUARTER, steps=3)
    page.mouse.up()
    result = page.locator(".calendar-result")
    expect(result).not_to_be_empty()
    return result.inner_text()


def moves_on_record() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(AuditEntry).where(AuditEntry.action.in_(MOVES))).all())


PARTS = ("list", "table")


def expect_same(first: Page, second: Page) -> None:
    """Both show the same in the time that others' changes may take, and some more on a busy machine."""
    for _ in range(MOST_LOOKS):
        if first.evaluate(POSITIONS) == second.evaluate(POSITIONS):
            return
        first.wait_for_timeout(EACH_LOOK)
    assert first.evaluate(POSITIONS) == second.evaluate(POSITIONS)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_browsers_on_one_calendar_end_equal_and_lose_nothing(
    clinic: Clinic, day: date, server: Server, open_page: OpenPage
) -> None:
    people = (clinic.front_desk, clinic.practitioner)
    pages = [
        open_calendar(open_page(DESK, javascript=True), server, person.email, day)
        for person in people
    ]
    random, moved = Random(7), 0
    for _ in range(CHANGES):
        page = random.choice(pages)
        block = page.locator(".ec-event").nth(random.randrange(len(HOURS)))
        said = drag(page, block, random.choice((-1, 0, 1)), random.choice((-4, -1, 1, 2, 4)))
        moved += said.startswith("Moved.")
        assert said.startswith(("Moved.", "Not moved.")), said
    expect_same(*pages)
    assert moves_on_record() == moved


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_second_of_two_who_move_one_appointment_is_told(
    clinic: Clinic, day: date, server: Server, open_page: OpenPage
) -> None:
    first, second = (
        open_calendar(open_page(DESK, javascript=True), server, person.email, day)
        for person in (clinic.front_desk, clinic.practitioner)
    )
    assert axe_violations(first) + ibm_violations(first) == []
    second.route("**/changes", lambda route: route.abort())  # it hasn't heard of the other's yet
    before = [part_of(first, part).inner_text() for part in PARTS]
    assert drag(first, first.locator(".ec-event").first, 1, 2).startswith("Moved.")
    said = drag(second, second.locator(".ec-event").first, 2, 4)
    assert "Something has changed since this page was opened." in said
    assert moves_on_record() == 1
    second.unroute("**/changes")
    expect_same(first, second)
    for part, old in zip(PARTS, before, strict=True):
        expect(part_of(first, part)).not_to_have_text(old, use_inner_text=True)
        expect(part_of(second, part)).to_have_text(
            part_of(first, part).inner_text(), use_inner_text=True
        )
    cancel = part_of(second, "list").get_by_role("link", name="Cancel…").first
    words, old = cancel.inner_text(), part_of(second, "list").inner_text()
    cancel.focus()
    assert drag(first, first.locator(".ec-event").first, 0, 1).startswith("Moved.")
    expect(part_of(second, "list")).not_to_have_text(old, use_inner_text=True)
    assert second.evaluate("document.activeElement.innerText") == words
    cancel.hover()
    second.mouse.down()
    with second.expect_response(lambda answer: answer.url.endswith("/list") and answer.ok):
        assert drag(first, first.locator(".ec-event").first, 0, 1).startswith("Moved.")
    second.wait_for_timeout(500)  # till it would have been drawn
    second.mouse.up()  # on what is there still, though the list has changed meanwhile
    second.wait_for_url("**/cancel")
    first.set_viewport_size({"width": PHONE, "height": 800})
    assert not overflows(first)


def part_of(page: Page, part: str) -> Locator:
    """Return a part of the day page beside its calendar."""
    return page.locator(f"[data-refresh$='/{part}']")


def test_keys_count_after_the_calendars_own_switches(
    clinic: Clinic, day: date, server: Server, open_page: OpenPage
) -> None:
    page = open_calendar(open_page(DESK), server, clinic.front_desk.email, day)
    page.get_by_text("Chairs", exact=True).click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox").or_(page.get_by_role("combobox")).first).to_be_focused()
    page.set_viewport_size({"width": TABLET, "height": 1180})
    frame, alerts = (page.locator(each).bounding_box() for each in (".calendar-frame", "#alerts"))
    assert frame
    assert alerts
    assert frame["y"] - alerts["height"] + OVERDUE_BAR <= 260


def stretch(page: Page, block: Locator, quarters: int) -> str:
    """Drag the lower edge of a block by so many quarters of an hour; return what is said of it."""
    page.evaluate("document.querySelector('.calendar-result').replaceChildren()")
    block.evaluate("block => block.scrollIntoView({ block: 'center' })")
    box = block.bounding_box()
    assert box
    x, y = box["x"] + 40, box["y"] + box["height"] - 3
    page.mouse.move(x, y)
    page.mouse.down()
    with page.expect_response(lambda answer: "/length/refused" in answer.url):
        page.mouse.move(x, y + 8, steps=2)
    page.mouse.move(x, y + quarters * QUARTER, steps=3)
    expect(page.locator(".calendar-refused").first).to_be_attached()
    page.mouse.up()
    result = page.locator(".calendar-result")
    expect(result).not_to_be_empty()
    return result.inner_text()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_edge_that_is_dragged_changes_how_long_it_takes(
    clinic: Clinic, day: date, server: Server, open_page: OpenPage
) -> None:
    page = open_calendar(open_page(DESK, javascript=True), server, clinic.front_desk.email, day)
    block = page.locator(".ec-event").first
    before = block.bounding_box()
    assert stretch(page, block, -1).startswith(
        "Not changed. The visit never takes less than its service, or than was prescribed."
    )
    assert stretch(page, block, 1).startswith("It lasts until 10:45 AM now.")
    expect(page.locator(".block-tail").first).to_be_visible()  # it recovers so much longer
    after = block.bounding_box()
    assert before
    assert after
    assert after["height"] == pytest.approx(before["height"] + QUARTER, abs=2)
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("Undone: the change of length.")).to_be_visible()
