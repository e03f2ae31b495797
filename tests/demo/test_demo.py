"""The demo as a newcomer meets it: one command, a clinic at work, and nothing left when it ends."""

import html
import json
import re
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from playwright.sync_api import Page, expect

from booking import clock, create_app
from tests.builders import PHOENIX
from tests.demo.loopback_builders import log_of, until
from tests.demo.running import (
    STARTS_WITHIN,
    THIS_HOUR,
    Demo,
    a_copy_of_the_project,
    answers,
    newest_heartbeat,
    running,
    sign_ins,
    slow_the_provider,
    starting,
)
from tests.site.test_walk import answer_no, tell_who

PHONE, EMAIL = "+16025550123", "person@example.com"  # as `tell_who` tells
OTHER_PHONE = "+16025550187"  # nobody else has it
WEEKS = count(1)  # nobody is at two appointments at once
TOLD = re.compile(
    r"Scottsdale Clinic: your visit is booked for (\w{3}, \w{3} \d+) at (\d+:\d\d [AP]M) "
    r"MST\. Details: (http://\S+) Reply STOP to end texts\."
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo for those tests that leave it running."""
    with running(a_copy_of_the_project(tmp_path_factory.mktemp("demo"), THIS_HOUR)) as started:
        yield started


def book(demo: Demo, phone: str = PHONE) -> dict[str, Any]:
    """Book a free consultation through the API, for who has `phone` and EMAIL: each in another week.

    Each is for another of a family: nobody has more than two coming by themselves.
    """
    number = next(WEEKS)
    day = datetime.now(UTC).date() + timedelta(weeks=number)
    asked = f"service=consultation&location=ahwatukee&start={day}&end={day + timedelta(days=7)}"
    slot = demo.read(f"/api/v1/slots?{asked}")["slots"][0]
    screening = demo.read("/api/v1/screening")
    answers = {question["slug"]: False for question in screening["questions"]}
    person = {"given_name": "Test", "family_name": "Person", "birth_date": f"1980-03-{number:02d}"}
    status, said = demo.ask(
        "/api/v1/appointments",
        service="consultation", location="ahwatukee", start=slot["start"], sms_consent=True,
        patient={**person, "phone": phone, "email": EMAIL},
        screening={"version": screening["version"], "answers": answers},
    )  # fmt: skip
    assert status == 201
    made: dict[str, Any] = json.loads(said)
    return made


def arrived(demo: Demo, channel: str, words: str, phone: str = PHONE) -> list[dict[str, str]]:
    """Return what the outbox lists as sent to `phone` or EMAIL and has these words in its body."""
    listed = demo.read("/demo/outbox")["messages"]
    to = phone if channel == "sms" else EMAIL
    return [
        one
        for one in listed
        if (one["channel"], one["recipient"]) == (channel, to)
        and one["status"] in ("sent", "delivered")
        and words in one["body"]
    ]


def test_it_answers_and_prints_where_and_who(demo: Demo) -> None:
    assert demo.ask("/healthz") == (200, '{"status":"ok"}\n')
    until(lambda: demo.ask("/readyz")[0] == 200)
    for address in (f"{demo.url}/", f"{demo.url}/desk/", f"{demo.url}/demo/outbox"):
        assert address in demo.printed()
    assert sorted(sign_ins(demo)) == ["front desk", "manager", "nurse", "practitioner"]
    assert "tick_failed" not in demo.printed()


def test_whoever_is_printed_can_sign_in(demo: Demo, plain_page: Page) -> None:
    for email, password in sign_ins(demo).values():
        plain_page.context.clear_cookies()
        plain_page.goto(f"{demo.url}/desk/")
        plain_page.get_by_label("E-mail").fill(email)
        plain_page.get_by_label("Password").fill(password)
        plain_page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
        expect(plain_page.get_by_role("button", name="Sign out")).to_be_visible()


def choose_the_second_day(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("link", name="More times here , Scottsdale").click()
    page.locator(".month a").nth(1).click()
    page.locator("button.slot").first.click()


def test_a_consultation_booked_on_a_phone_is_told_of_by_text_and_email(
    demo: Demo, plain_page: Page
) -> None:
    choose_the_second_day(plain_page, demo.url)
    answer_no(plain_page)
    tell_who(plain_page)
    plain_page.get_by_role("button", name="Book this visit").click()
    reference = plain_page.locator(".reference").inner_text()
    until(lambda: len(arrived(demo, "email", reference)) == 1)
    (letter,) = arrived(demo, "email", reference)
    (link,) = re.findall(r"http://\S+/a/\S+", letter["body"])
    until(lambda: len(arrived(demo, "sms", link)) == 1)
    (text,) = arrived(demo, "sms", link)
    day, time, linked = TOLD.fullmatch(text["body"]).groups()
    assert linked == link
    assert letter["subject"] == f"Scottsdale Clinic: your visit on {day}"
    assert f"{day} at {time} MST" in letter["body"]
    assert as_told(calendar_entry(letter)) == (day, time)
    plain_page.goto(link)
    expect(plain_page.get_by_text(reference)).to_be_visible()


def calendar_entry(letter: dict[str, str]) -> datetime:
    """Return the start of the one appointment in a letter's .ics file."""
    calendar = Calendar.from_ical(letter["attachment"])
    assert calendar["METHOD"] == "REQUEST"
    (event,) = calendar.walk("VEVENT")
    assert event["SUMMARY"] == "Visit, Scottsdale Clinic"
    starts_at: datetime = event.decoded("DTSTART")
    return starts_at


def as_told(starts_at: datetime) -> tuple[str, str]:
    local = starts_at.astimezone(PHOENIX)
    hour = local.hour % 12 or 12
    return f"{local:%a, %b} {local.day}", f"{hour}:{local:%M %p}"


def test_the_outbox_shows_every_text_and_email_as_page_and_as_data(demo: Demo) -> None:
    reference = book(demo)["reference"]
    until(lambda: len(arrived(demo, "email", reference)) == 1)
    log = log_of(demo.provider_url)
    ours = [one for one in log["texts"] if one["direction"] == "outbound-api"]
    sent = {("sms", one["to"], one["body"]) for one in ours}
    sent |= {("email", one["to"], one["body"]) for one in log["mails"]}
    listed = demo.read("/demo/outbox")["messages"]
    assert sent <= {(one["channel"], one["recipient"], one["body"]) for one in listed}
    times = [one["at"] for one in listed if one["status"] != "planned"]
    assert times == sorted(times, reverse=True)
    page = html.unescape(demo.ask("/demo/outbox", "text/html")[1])
    for _, recipient, body in sent:
        assert recipient in page
        assert body in page
    assert "BEGIN:VCALENDAR" in page


def test_invariant_10_nothing_in_the_outbox_tells_what_is_treated(demo: Demo) -> None:
    listed = demo.read("/demo/outbox")["messages"]
    said = " ".join(f"{one['subject']} {one['body']} {one['attachment']}" for one in listed).lower()
    assert len(listed) > 10
    for word in ("ketamin", "infusion", "drip", "depress", "series", "treatment", "consultation"):
        assert word not in said


def test_a_text_is_answered_in_the_outbox_as_its_reader_would(demo: Demo, plain_page: Page) -> None:
    link = book(demo, OTHER_PHONE)["manage_url"]
    until(lambda: len(arrived(demo, "sms", link, OTHER_PHONE)) == 1)
    plain_page.goto(f"{demo.url}/demo/outbox")
    plain_page.get_by_label("From number").fill(OTHER_PHONE)
    plain_page.get_by_label("Text", exact=True).fill("1")
    plain_page.get_by_role("button", name="Send").click()
    until(lambda: len(arrived(demo, "sms", "thank you, see you then.", OTHER_PHONE)) == 1)


def test_ctrl_c_leaves_no_process_and_what_was_booked_stays_until_reset(tmp_path: Path) -> None:
    """Nothing answers before all of it works: there is a heartbeat of before, and its provider is slow."""
    project = a_copy_of_the_project(tmp_path, THIS_HOUR)
    with running(project) as first:
        appointment = book(first)["manage_url"].removeprefix(first.url)
        until(lambda: len(arrived(first, "sms", appointment)) == 1)
        assert first.stop() == 0
        until(first.is_gone)
    slow_the_provider(project)
    began = clock.now()
    with starting(project) as second:
        until(lambda: answers(second) or second.process.poll() is not None, STARTS_WITHIN)
        assert second.process.poll() is None, second.printed()
        assert second.ask("/readyz")[0] == 200, second.printed()
        assert log_of(second.provider_url)
        assert newest_heartbeat(project) >= began
        assert second.ask(appointment)[0] == 200
        assert len(arrived(second, "sms", appointment)) == 1
        until(lambda: sign_ins(second) == sign_ins(first))
        assert second.stop(signal.SIGTERM, as_by_keyboard=False) == 0
        until(second.is_gone)
    with running(project, "--reset") as afresh:
        assert afresh.ask(appointment)[0] == 404
        assert arrived(afresh, "sms", appointment) == []
        assert appointment not in str(log_of(afresh.provider_url))


def test_without_the_demo_its_pages_are_not_there(sqlite_app: Flask, tmp_path: Path) -> None:
    made = {"DEMO": True, "DATABASE_URL": f"sqlite:///{tmp_path / 'demo.sqlite3'}"}
    real, demo = sqlite_app, create_app({**sqlite_app.config, **made})
    for verb, path in (("GET", "/demo/outbox"), ("POST", "/demo/outbox/answer")):
        assert real.test_client().open(path, method=verb).status_code == 404
        assert (path in addresses(real), path in addresses(demo)) == (False, True)


def addresses(app: Flask) -> set[str]:
    return {rule.rule for rule in app.url_map.iter_rules()}
