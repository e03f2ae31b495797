"""A receptionist's morning, step by step, in a real browser."""

import os
from datetime import datetime
from pathlib import Path
from typing import Literal

import pyotp
from playwright.sync_api import Page, expect

from tests.browser import TABLET, axe_violations, overflows
from tests.desk.hands import Hands, Keyboard, Mouse
from tests.desk.signed_in import PASSWORD
from tests.desk.test_alerts import a_crisis
from tests.desk.test_calendar_walk import drag

SECRET = pyotp.random_base32()  # of the receptionist's authenticator app
PATIENCE = 15_000  # milliseconds: on a busy machine a page takes its time
SHOTS = os.environ.get("MORNING_SHOTS")  # a folder for a picture of each page passed
Role = Literal["button", "link"]


class Morning:
    """One morning's steps, each on the page that comes with it."""

    def __init__(self, page: Page, hands: Hands, url: str) -> None:
        self.page, self.hands, self.url = page, hands, url
        self.main = page.get_by_role("main")

    def look(self, name: str) -> None:
        """Each page passed is accessible and fits the screen."""
        width = (self.page.viewport_size or {})["width"]
        if SHOTS:
            kind = f"{type(self.hands).__name__}-{width}-{name}.png".lower()
            self.page.screenshot(path=Path(SHOTS) / kind, full_page=True)
        if width == TABLET:  # the same pages, once
            assert axe_violations(self.page) == [], name
        assert not overflows(self.page), name

    def press(self, name: str, role: Role = "button") -> None:
        """Press what has a name on the page itself."""
        self.hands.press(self.main.get_by_role(role, name=name).first)

    def write(self, label: str, text: str) -> None:
        """Fill in the field of the page with a label."""
        self.hands.write(self.main.get_by_label(label, exact=True), text)

    def sign_in(self, email: str) -> None:
        """Give the password, then the code of the app."""
        self.page.goto(f"{self.url}/desk/")
        self.write("E-mail", email)
        self.write("Password", PASSWORD)
        self.press("Sign in")
        self.write("Code", pyotp.TOTP(SECRET).now())
        self.look("code")
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".ec-event a").first).to_be_visible(timeout=PATIENCE)
        self.look("day")

    def find(self, text: str, name: str) -> None:
        """Find somebody from any page, once its scripts are there to hear the key."""
        self.page.wait_for_load_state("load")
        self.page.keyboard.press("/")
        expect(self.page.locator("#find input")).to_be_focused()
        self.page.keyboard.type(text)
        link = self.page.locator("#find-panel").get_by_role("link", name=name)
        expect(link).to_be_visible(timeout=PATIENCE)
        self.hands.press(link)

    def book_by_phone(self) -> None:
        """A known patient calls for a follow-up; the reference is read out."""
        self.find("callah", "Callahan")
        self.press("Book: Follow-up", "link")
        expect(self.main.get_by_label("Another time…")).to_be_visible(timeout=PATIENCE)
        self.look("book")
        self.hands.press(self.main.locator("[name=start]").nth(8))
        self.press("Book")
        expect(self.main.get_by_text("Read out the reference")).to_be_visible(timeout=PATIENCE)
        self.look("booked")

    def open_today(self) -> None:
        """Come back to the day."""
        self.hands.press(self.page.get_by_role("link", name="Day", exact=True))
        expect(self.page.locator(".ec-event a").first).to_be_visible(timeout=PATIENCE)

    def move(self) -> None:
        """Drag a visit with nobody told, and undo it beside what is said; without a mouse, by its form."""
        self.open_today()
        if isinstance(self.hands, Mouse):
            self.page.get_by_label("Don't notify the patient of the next drag").check()
            block = self.page.locator(".ec-event", has_text="Movingson").first
            said = drag(self.page, block, 0, 2)
            assert said.startswith("Moved."), said
            assert "The patient is told nothing of it." in said
            expect(
                self.page.get_by_label("Don't notify the patient of the next drag")
            ).not_to_be_checked()
            self.look("dragged")
            Keyboard().press(
                self.page.locator(".calendar-result").get_by_role("button", name="Undo")
            )
        else:
            self.press("Move… Moving", "link")
            self.hands.press(self.main.locator("[name=start]").nth(4))
            self.press("Move the visit")
            expect(self.main.get_by_role("button", name="Undo the move")).to_be_visible(
                timeout=PATIENCE
            )
            self.look("moved")
            self.press("Undo the move")
        expect(self.main.get_by_text("Undone: the move.")).to_be_visible(timeout=PATIENCE)

    def check_in(self) -> None:
        """Who comes at ten is here; who is late was not, and then is."""
        self.press("Check in Coming")
        expect(self.main.get_by_text("Checked in.")).to_be_visible(timeout=PATIENCE)
        self.press("No-show Late")
        expect(self.main.get_by_role("button", name="Check in late Late")).to_be_visible(
            timeout=PATIENCE
        )
        self.look("no-show")
        self.press("Check in late Late")
        expect(self.page.locator(".now-row")).to_have_count(2, timeout=PATIENCE)
        self.look("late")

    def take_walk_in(self, at: datetime) -> None:
        """Somebody new walks in, and is seen between the usual times, for a reason."""
        self.find("walker", "New patient")
        for label, text in (
            ("First name", "Will"), ("Last name", "Walker"), ("Birth date", "02/29/1980"),
            ("Phone number", "602 555 0177"),
        ):  # fmt: skip
            field = self.main.get_by_label(label, exact=True)
            if not field.input_value():
                self.hands.write(field, text)
        self.hands.press(self.main.get_by_label("Yes", exact=True))
        self.look("new-patient")
        self.press("Go on to the time")
        self.press("Follow-up", "link")
        self.write("The other time", f"{at:%H:%M}")
        self.press("Book")
        expect(self.main.get_by_text("one rule stands against")).to_be_visible(timeout=PATIENCE)
        self.look("against")
        self.write("Reason for going against the rule", "Walked in")
        self.press("Book all the same")
        expect(self.main.get_by_text("Read out the reference")).to_be_visible(timeout=PATIENCE)

    def answer_text(self) -> None:
        """A question is answered."""
        self.hands.press(
            self.page.get_by_role("navigation", name="Desk").get_by_role("link", name="Texts")
        )
        expect(self.main.locator(".conversation-unread")).to_be_visible(timeout=PATIENCE)
        self.look("texts")
        self.hands.press(self.main.locator(".conversation-unread button"))
        self.hands.write(self.main.locator("textarea"), "Yes, behind the house.")
        self.look("conversation")
        self.press("Send the answer")
        expect(self.main.locator(".thread-out", has_text="behind the house")).to_be_visible(
            timeout=PATIENCE
        )

    def see_crisis(self) -> None:
        """A text in crisis is on the open calendar within five seconds."""
        self.open_today()
        a_crisis(number=7)
        expect(self.page.get_by_text("I can't go on like this")).to_be_visible(timeout=5000)
        self.look("crisis")

    def close_tomorrow(self) -> None:
        """Tomorrow afternoon the location is closed."""
        self.press("Next day", "link")
        self.press("Close…", "link")
        self.hands.write(self.main.get_by_label("Time").first, "13:00")
        self.write("Why (staff alone read this)", "Burst pipe")
        self.look("close")
        self.press("Show whom it hits")
        self.press("Record it")
        expect(self.main.get_by_role("heading", level=1)).to_contain_text("Ahwatukee")
        self.look("closed")

    def print_day(self) -> None:
        """The day on paper is the list and the table."""
        self.open_today()
        self.page.emulate_media(media="print")
        expect(self.page.locator("#calendar")).to_be_hidden()
        expect(self.page.locator(".visit-list").last).to_be_visible(timeout=PATIENCE)
        self.look("print")
