"""Pages in Debian's Chromium, at a phone's and a desk's width, and what axe says of them."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    sync_playwright,
)

PHONE, TABLET, DESK = 360, 820, 1280  # CSS pixels
# A long way on each database and at each width, in two walks instead of four.
ON_A_PHONE_AND_A_DESK = pytest.mark.parametrize(
    ("database_url", "width"), [("sqlite", PHONE), ("postgresql", DESK)], indirect=["database_url"]
)
ONLY_HERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
# A page is looked at once: its scripts and the engines' are compiled at once and cheaply, never for long.
COMPILED = "--js-flags=--always-sparkplug --no-opt --no-flush-bytecode --single-threaded"
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", ONLY_HERE, COMPILED]
WANTED = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIOLATIONS = "async (options) => (await axe.run(options)).violations"  # and not what it passes, too
CONTRAST = """async () => (await axe.run(
    {runOnly: ["color-contrast"], resultTypes: ["violations"]})).violations.flatMap(
    (violation) => violation.nodes.map((node) => node.html))"""
OpenPage = Callable[..., Page]
_without_scripts: set[Page] = set()


def chromium() -> str:
    """Return the path of Chromium; raises RuntimeError where there is none, so that tests fail.

    The build without windows: what opens a page takes a third of the time, and draws the same.
    """
    path = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium-headless-shell"))
    if not path.exists():
        raise RuntimeError(f"no browser at {path}: `make test` installs it, or set CHROMIUM")
    return str(path)


def load_engine(page: Page, name: str, script: str) -> None:
    """Load the script that makes `window[name]`, now and with each page opened in this tab from now on."""
    if not page.evaluate("name => name in window", name):
        page.add_init_script(script)
        page.evaluate(script)


def axe_violations(page: Page) -> list[str]:
    """Return all that axe finds on `page`, one line each: rule, where, what.

    axe is a script: raises ValueError for a page without them, on which it would never end.
    """
    if page in _without_scripts:
        raise ValueError("axe needs scripts: give it the same address in a page that runs them")
    page.wait_for_load_state("load")  # a click waits for the page, not for how it looks
    load_engine(page, "axe", Axe().axe_script)
    violations = page.evaluate(VIOLATIONS, {"runOnly": WANTED, "resultTypes": ["violations"]})
    return [
        f"{violation['id']} at {node['target']}: {violation['help']}"
        for violation in violations
        for node in violation["nodes"]
    ]


def low_contrasts(page: Page) -> list[str]:
    """Return what can't be read in the dark, and in forced colours, on a page that axe has looked at."""
    page.emulate_media(reduced_motion="reduce", color_scheme="dark")
    problems = [f"dark: {target}" for target in page.evaluate(CONTRAST)]
    page.emulate_media(color_scheme="light", forced_colors="active")
    problems += [f"forced: {target}" for target in page.evaluate(CONTRAST)]
    page.emulate_media(forced_colors="none")
    return problems


def overflows(page: Page) -> bool:
    """Tell whether `page` must be scrolled sideways."""
    wide: bool = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return wide


def overflowing_widths(page: Page, widths: Iterable[int]) -> list[int]:
    """Return at which of these widths `page` must be scrolled sideways; it ends as wide as it was."""
    size, wide = page.viewport_size or ViewportSize(width=DESK, height=800), []
    for width in widths:
        page.set_viewport_size({**size, "width": width})
        wide += [width] if overflows(page) else []
    page.set_viewport_size(size)
    return wide


@dataclass
class Complaints:
    """What the browser complained of: errors in scripts, and breaches of the content policy."""

    said: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Keep what `page` complains of."""
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("console", self._on_console)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.said.append(message.text)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once for each of xdist's workers."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open pages as new visitors: `open_page(DESK, javascript=False)`; complaints fail the test."""
    contexts: list[BrowserContext] = []
    complaints = Complaints()

    def open_as_new_visitor(width: int = PHONE, *, javascript: bool = True, **more: Any) -> Page:
        size = ViewportSize(width=width, height=800)
        context = browser.new_context(viewport=size, java_script_enabled=javascript, **more)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        if not javascript:
            _without_scripts.add(page)
        complaints.listen(page)
        return page

    yield open_as_new_visitor
    _without_scripts.clear()
    for context in contexts:
        context.close()
    assert complaints.said == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A phone, 360 pixels wide."""
    return open_page(PHONE)


@pytest.fixture
def plain_page(open_page: OpenPage) -> Page:
    """A phone whose browser runs no JavaScript."""
    return open_page(PHONE, javascript=False)


@pytest.fixture
def wide_page(open_page: OpenPage) -> Page:
    """A desk's screen, 1280 pixels wide."""
    return open_page(DESK)
