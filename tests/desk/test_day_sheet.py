"""The day on paper: fifteen appointments, the list and the table, on one sheet."""

import re
from datetime import time, timedelta

import time_machine
from flask import Flask
from playwright.sync_api import Page

from booking.staff.models import Role
from tests.builders import NOW, a_clinic, an_infusion, local
from tests.promises.test_pages import signed_in
from tests.web.test_every_page import HOST, serve_from

SHEETS = re.compile(rb"/Type\s*/Page\b")
TODAY = NOW.date()


def test_fifteen_appointments_print_on_one_sheet(sqlite_app: Flask, page: Page) -> None:
    with time_machine.travel(NOW, tick=False):
        clinic = a_clinic(closes=time(18))
        for number in range(15):
            an_infusion(clinic, local(9, day=TODAY) + timedelta(minutes=30 * number))
        desk = signed_in(sqlite_app, Role.FRONT_DESK)
    serve_from(desk, page)
    page.goto(f"{HOST}/desk/day/ahwatukee/{TODAY}")
    assert page.locator(".visit").count() == 15
    for paper in ("Letter", "A4"):
        assert len(SHEETS.findall(page.pdf(format=paper))) == 1
