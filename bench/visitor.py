"""A browser without a screen that opens every kind of page there is, and books as a patient does."""

import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import brotli

from bench.scenario import ZONE
from booking import clock
from tests.desk.page_forms import forms_on

LINK = re.compile(r'href="(/[^"#]*)')
VARYING = re.compile(r"\d+|ahwatukee|scottsdale|(?<=/a/)[^/]+")
ALIKE = 3  # pages that differ in a number, a day or a place only: so many of them are opened


class Visitor:
    """Somebody with cookies of their own."""

    def __init__(self, url: str) -> None:
        self.url, self.opener = url, build_opener(HTTPCookieProcessor(CookieJar()))

    def open(self, path: str, form: Mapping[str, str] | None = None) -> str:
        """Return a page, posted to with a form; what is refused is a page, too, and a fault is raised."""
        data = None if form is None else urlencode(form).encode()
        request = Request(self.url + path, data, {"Accept-Encoding": "br"})
        try:
            with self.opener.open(request, timeout=60) as answer:
                return _decode(answer)
        except HTTPError as refusal:
            if refusal.code == 500:
                raise
            return _decode(refusal)

    def submit(self, page: str, action: str, **typed: str) -> str:
        """Send the form of `page` that goes to `action`, with what is typed into it."""
        form = next(form for form in forms_on(self.open(page), page) if form.action == action)
        return self.open(action, {**form.hidden, **typed})

    def walk(self, starts: Iterable[str]) -> None:
        """Open these pages and all they lead to, of those alike the first few."""
        ahead, opened, kinds = list(starts), set[str](), Counter[str]()
        while ahead:
            path = ahead.pop(0)
            kind = VARYING.sub("*", path)
            if path not in opened and kinds[kind] < ALIKE:
                opened.add(path)
                kinds[kind] += 1
                ahead += map(html.unescape, LINK.findall(self.open(path)))

    def book(self, number: int) -> str:
        """Book a consultation for the person of this number; return the page that confirms it."""
        slot = json.loads(self.open(month_of_slots()))["slots"][20 * number]
        questions = json.loads(self.open("/api/v1/screening"))["questions"]
        self.submit("/book/time", "/book/hold", location=slot["location"], start=slot["start"])
        answers = {f"q-{question['slug']}": "no" for question in questions} | {"none-of-these": "y"}
        birth = {"birth_month": "2", "birth_day": "28", "birth_year": f"19{50 + number}"}
        self.submit("/book/safety", "/book/safety", **birth, **answers)
        self.submit(
            "/book/you", "/book/you",
            given_name="Test", family_name="Person", phone=f"602 555 {1000 + number}",
            email=f"person{number}@example.com", sms_consent="y",
        )  # fmt: skip
        return self.submit("/book/check", "/book/check")


def _decode(answer: Any) -> str:
    body = answer.read()
    is_compressed = answer.headers["Content-Encoding"] == "br"
    return str((brotli.decompress(body) if is_compressed else body).decode())


def month_of_slots() -> str:
    """Return the address of the consultations of 30 days at all locations."""
    today = clock.now().astimezone(ZONE).date()
    return f"/api/v1/slots?service=consultation&start={today}&end={today + timedelta(days=30)}"
