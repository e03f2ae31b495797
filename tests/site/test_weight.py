"""What each page on the way weighs on the wire: its own bytes and all it loads, headers too, nothing kept."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.browser import PHONE, OpenPage
from tests.builders import a_clinic
from tests.server import Server, app_beside
from tests.site.test_first_page import MOST_BYTES
from tests.site.test_seeing import steps


@pytest.fixture(autouse=True)
def app(server: Server) -> Iterator[Flask]:
    """The app beside the server, on the same database, with a clinic at both places."""
    with app_beside(server) as made:
        a_clinic()
        a_clinic(slug="scottsdale")
        yield made


def count_bytes(page: Page) -> list[int]:
    """Return a list to which the size of each answer is added while `page` loads it anew each time."""
    sizes: list[int] = []

    def add(event: dict[str, Any]) -> None:
        sizes.append(int(event["encodedDataLength"]))

    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.on("Network.loadingFinished", add)
    return sizes


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_page_on_the_way_is_light_on_the_wire(server: Server, open_page: OpenPage) -> None:
    page = open_page(PHONE)
    sizes, weights = count_bytes(page), {}
    for step in steps(page, server.url):
        page.wait_for_load_state("networkidle")
        weights[step] = sum(sizes)
        assert len(sizes) >= 4  # the page and its styles
        sizes.clear()
    assert {"start", "time", "safety", "you", "check", "visit"} <= weights.keys()
    assert {step: weight for step, weight in weights.items() if weight >= MOST_BYTES} == {}
