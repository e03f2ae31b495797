"""Every page, new ones too: nothing by axe, light or dark, nothing to scroll sideways, forms safe."""

from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, Route, ViewportSize, expect
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from booking.access import SIGNED_IN, Access
from booking.staff.models import Role
from tests.browser import DESK, PHONE, axe_violations, low_contrasts, overflows
from tests.builders import NOW
from tests.promises.test_pages import address, declared, rules, signed_in
from tests.second_engine import ibm_violations
from tests.staff.managers import confirm

BLUEPRINTS = ("site.", "desk.", "staff.")
WITHOUT_TOKEN = (
    """document.querySelectorAll('form[method="post"]:not(:has([name="csrf_token"]))').length"""
)
IS_SHOWN = "part => part.checkVisibility()"
HOST = "http://visits.test"
PAGES = (Access.PUBLIC, Access.TOKEN, *SIGNED_IN)
# Shown only on the way to a booking or a plan, or back to a form: the walks of site and desk look at these.
ON_THE_WAY = {
    *(
        "site.show_screening",
        "site.show_contact_form",
        "site.show_summary",
        "site.show_confirmation",
        "site.confirm_move",
        "site.ask_readiness",
    ),
    *("site.ask_for_call_before_booking", "site.show_call_confirmation", "site.show_note_sent"),
    *(
        "desk.show_plan",
        "desk.choose_plan_slot",
        "desk.reopen_form",
        "desk.plan_frequency",
        "desk.plan_resumption",
    ),
    *("desk.show_spacing", "desk.edit_spacing_rule", "staff.show_second_step"),
    *("desk.choose_series_healing", "desk.show_outage", "site.show_new_times"),
}
# They lead to a day, are a part of every page, or a file.
NO_PAGES = {
    *("desk.show_today", "desk.redirect_to_day", "desk.poll_alerts", "site.download_calendar"),
    *(
        "desk.download_capacity",
        "desk.download_measures",
        "desk.download_audit",
        "desk.download_patient_audit",
        *(
            "desk.download_day",
            "desk.download_patients",
            "desk.download_record",
            "desk.download_sessions",
            "desk.download_tasks",
        ),
        "desk.poll_outage",
    ),
    *("desk.suggest_patients", "desk.read_calendar", "desk.poll_calendar"),
    *("desk.list_refused_starts", "desk.list_refused_lengths"),
    "desk.poll_day",
    "desk.poll_board",
}


def ask(client: FlaskClient, url: str) -> TestResponse:
    """Return the app's answer on the builders' day; playwright asks outside the test's context."""
    asked = urlsplit(url)
    with client.application.app_context(), time_machine.travel(NOW, tick=False):
        return client.get(f"{asked.path}?{asked.query}")


def serve_from(client: FlaskClient, page: Page) -> None:
    """Let the browser get all it asks for from the app in this process."""

    def answer(route: Route) -> None:
        said = ask(client, route.request.url)
        route.fulfill(status=said.status_code, headers=dict(said.headers), body=said.data)

    page.unroute_all()
    page.route("**/*", answer)


def pages(app: Flask, blueprint: str) -> list[Rule]:
    """Return the addresses of a blueprint's pages that a person opens."""
    return [
        rule
        for rule in rules(app, *PAGES)
        if "GET" in (rule.methods or ())
        and rule.endpoint.startswith(blueprint)
        and rule.endpoint not in NO_PAGES
    ]


def looks_wrong(page: Page) -> list[str]:
    """Return what is wrong with a page: by axe, in the dark and in forced colours, its forms, its widths."""
    problems = axe_violations(page) + low_contrasts(page) + ibm_violations(page)
    problems += ["a form without its token"] * page.evaluate(WITHOUT_TOKEN)
    for width in (PHONE, DESK):
        page.set_viewport_size(ViewportSize(width=width, height=800))
        problems += [f"too wide at {width} px"] * overflows(page)
    return problems


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_every_page_is_accessible_and_fits(
    sqlite_app: Flask, samples: dict[str, object], page: Page, blueprint: str
) -> None:
    with time_machine.travel(NOW, tick=False):
        practitioner = confirm(signed_in(sqlite_app, Role.PRACTITIONER))
        manager = confirm(signed_in(sqlite_app, Role.MANAGER))
    unseen, wrong = set(), {}
    for rule in pages(sqlite_app, blueprint):
        client = manager if declared(sqlite_app, rule) is Access.MANAGER else practitioner
        serve_from(client, page)
        url = HOST + address(sqlite_app, rule, **samples)
        if ask(client, url).status_code != 200:
            unseen.add(rule.endpoint)
            continue
        page.goto(url)
        wrong[url] = looks_wrong(page)
    assert {url: problems for url, problems in wrong.items() if problems} == {}
    on_the_way = {endpoint for endpoint in ON_THE_WAY if endpoint.startswith(blueprint)}
    assert (sorted(unseen - on_the_way), sorted(on_the_way - unseen)) == ([], [])


def test_on_paper_an_appointment_has_its_link_and_our_phone(
    sqlite_app: Flask, samples: dict[str, object], page: Page
) -> None:
    """And nothing to press."""
    serve_from(sqlite_app.test_client(), page)
    page.emulate_media(media="print")
    page.goto(f"{HOST}/a/{samples['token']}")
    for text in (f"/a/{samples['token']}", "(602) 555-0100"):
        expect(page.get_by_text(text).first).to_be_visible()
    assert page.locator("a.button:visible, button:visible, .site-tools:visible").count() == 0


def test_on_paper_a_record_is_unfolded(
    sqlite_app: Flask, samples: dict[str, object], page: Page
) -> None:
    """What is past is read there too, though nobody had opened it."""
    with time_machine.travel(NOW, tick=False):
        serve_from(signed_in(sqlite_app, Role.FRONT_DESK), page)
    page.goto(f"{HOST}/desk/patients/{samples['patient_id']}")
    past = page.locator("#past-visits .day-scroll")
    assert not past.evaluate(IS_SHOWN)
    page.emulate_media(media="print")
    assert past.evaluate(IS_SHOWN)
