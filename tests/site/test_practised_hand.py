"""A practised hand on a phone: pages and taps of a booking; and the list of questions in a browser."""

import sys
from collections.abc import Iterator
from time import monotonic

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from tests.browser import DESK, PHONE, OpenPage, overflows
from tests.builders import a_clinic
from tests.server import Server, app_beside
from tests.site.listed import ask_in_a_list
from tests.site.test_seeing import LARGE, NARROW
from tests.site.test_walk import look_at

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MOST_PAGES, MOST_TAPS = 6, 15
# Seconds of a practised hand beside the machine's own: to reach a target on a phone with a finger, and for
# a character (Card, Moran and Newell's keystroke-level model: 1.1 to point, .2 to .28 for a key).
TO_TAP, TO_TYPE = 1.1, 0.25


@pytest.fixture(autouse=True)
def app(server: Server) -> Iterator[Flask]:
    """The app beside the server, with a clinic that asks in a list."""
    with app_beside(server) as made:
        a_clinic()
        ask_in_a_list()
        yield made


class Hand:
    """Taps, and types into what was tapped; counts taps, characters and the pages seen."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps, self.pages, self.characters = page, 0, 0, 0
        self.began = monotonic()
        page.on("load", self._count_page)

    @property
    def seconds(self) -> float:
        """How long it took: the pages as they came, and a person's hand in between."""
        return monotonic() - self.began + self.taps * TO_TAP + self.characters * TO_TYPE

    def _count_page(self, _page: Page) -> None:
        self.pages += 1

    def tap(self, where: Locator, text: str = "") -> None:
        where.click()
        self.taps += 1
        self.characters += len(text)
        self.page.keyboard.type(text)


def test_who_answers_no_to_all_books_within_six_pages_and_fifteen_taps(
    server: Server, page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    """Prints how long a practised hand takes (35 seconds at most), which depends on the machine."""
    hand = Hand(page)
    page.goto(server.url)
    hand.tap(page.locator("button.slot").first)
    for label, text in (("Month", "2"), ("Day", "29"), ("Year", "1980")):
        hand.tap(page.get_by_label(label, exact=True), text)
    for no in page.get_by_label("No", exact=True).all():
        hand.tap(no)
    hand.tap(page.get_by_label("None of these"))
    hand.tap(page.get_by_role("button", name="Continue"))
    for label, text in (("First name", "Test"), ("Last name", "Person"),
                        ("Phone number", "602 555 0123"), ("E-mail", "a@example.com")):  # fmt: skip
        hand.tap(page.get_by_label(label), text)
    hand.tap(page.get_by_label("Text me"))
    hand.tap(page.get_by_role("button", name="Continue"))
    hand.tap(page.get_by_role("button", name="Book this visit"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit is booked")
    page.wait_for_load_state("load")
    with capsys.disabled():
        sys.stdout.write(
            f"\na practised hand books in {hand.seconds:.0f} s: {hand.pages} pages, {hand.taps} taps\n"
        )
    assert hand.pages <= MOST_PAGES
    assert hand.taps <= MOST_TAPS


def safety_page(page: Page, url: str) -> None:
    page.goto(f"{url}/book/time")
    page.locator(".month a").nth(1).click()  # no time of it comes too soon meanwhile
    page.locator("button.slot").first.click()


def test_without_javascript_and_in_spanish_what_was_forgotten_is_asked_for_alone(
    server: Server, open_page: OpenPage
) -> None:
    page = open_page(PHONE, javascript=False, locale="es-MX")
    safety_page(page, server.url)
    for label, text in (("Mes", "2"), ("Día", "29"), ("Año", "1980")):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("No", exact=True).first.check()
    page.get_by_label("Ninguna de estas").check()
    page.get_by_label("Enfermedad del corazón").check()
    page.get_by_role("button", name="Continuar").click()
    expect(page.get_by_role("heading", name="Ya casi termina")).to_be_visible()
    expect(page.get_by_label("Mes")).to_be_hidden()
    page.set_viewport_size({"width": NARROW, "height": 800})
    page.evaluate(LARGE)
    assert not overflows(page)
    page.get_by_role("link", name="Marcó").press("Enter")
    expect(page.locator("#none-of-these")).to_be_focused()
    page.keyboard.press("Space")
    page.get_by_label("No", exact=True).first.check()
    page.get_by_role("button", name="Continuar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("¿Para quién es la cita?")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_list_and_what_was_forgotten_of_it_can_be_seen_by_all(
    server: Server, open_page: OpenPage, width: int
) -> None:
    page = open_page(width)
    safety_page(page, server.url)
    look_at(page)
    page.get_by_label("None of these").check()
    page.get_by_label("Heart disease").check()
    expect(page.get_by_label("None of these")).not_to_be_checked()
    page.get_by_label("None of these").check()
    expect(page.get_by_label("Heart disease")).not_to_be_checked()
    page.get_by_label("None of these").uncheck()
    page.get_by_label("No", exact=True).first.check()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".error-summary")).to_be_focused()
    look_at(page)
    page.locator("summary").click()
    expect(page.get_by_label("No", exact=True).last).to_be_checked()
    look_at(page)
