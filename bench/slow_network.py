"""How long a patient's first visit takes on slow 3G: Chromium's own throttling, nothing kept, the first page.

Run with `make bench BENCH=slow_network`.
"""

import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from bench.scenario import build
from bench.servers import databases, get, gunicorn
from booking import create_app
from tests.browser import FLAGS, PHONE, chromium

ROUNDS, LIMIT = 5, 2.0  # seconds until all is loaded
# Devtools' slow 3G: 400 ms until an answer begins, 400 kbit/s both ways
SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"


def load_seconds(browser: Browser, url: str) -> float:
    """Return how long a page takes to load, with all that it loads, for somebody who was never here."""
    context = browser.new_context(viewport={"width": PHONE, "height": 800})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_3G)
    page.goto(url, wait_until="load")
    page.wait_for_function(f"{LOADED} > 0")
    seconds: float = page.evaluate(LOADED)
    context.close()
    return seconds


def main() -> None:
    """Measure the first page, and the one on which a time is chosen, as the first that somebody opens."""
    with tempfile.TemporaryDirectory() as name, databases(Path(name), "sqlite") as url:
        build(create_app({"DATABASE_URL": url, "SECRET_KEY": "bench"}), 1)
        with gunicorn("wsgi:app", url) as (ours, _), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            for path in ("/", "/book/time"):
                get(ours + path)
                seconds = median(load_seconds(browser, ours + path) for _ in range(ROUNDS))
                print(f"{path} on slow 3G: {seconds:.2f} s (limit {LIMIT:.0f} s)", flush=True)
            browser.close()
