"""What IBM's accessibility checker says of a page: an engine that shares no rule with axe."""

import gzip
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from tests.browser import load_engine

ENGINE = Path(__file__).parent / "vendored" / "accessibility-checker-engine" / "ace.js.gz"
# What is closed is looked at open. A part that scrolls sideways is reached by keyboard though nothing in it
# can be pressed, as axe demands (scrollable-region-focusable); the checker demands it only while it scrolls.
CHECK = """async () => {
    const closed = [...document.querySelectorAll("details:not([open])")];
    for (const part of closed) part.open = true;
    const { results } = await new ace.Checker().check(document, ["IBM_Accessibility"]);
    for (const part of closed) part.open = false;
    const element = (path) => document.evaluate(
        path, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE).singleNodeValue;
    const scrolls = (path) => getComputedStyle(element(path)).overflowX === "auto";
    return results
        .filter(({ value }) => value.join(" ") === "VIOLATION FAIL")
        .filter(({ ruleId, path }) =>
            ruleId !== "element_tabbable_role_valid" || !scrolls(path.dom))
        .map(({ ruleId, path, message, snippet }) => `${ruleId} at ${path.dom}: ${message} ${snippet}`);
}"""


def ibm_violations(page: Page) -> list[str]:
    """Return all violations that the checker is sure of, one line each: rule, where, what.

    What it only recommends, or asks a person to look at, was looked at once (docs/decisions).
    """
    page.wait_for_load_state("load")
    load_engine(page, "ace", _engine())
    lines: list[str] = page.evaluate(CHECK)
    return lines


@cache
def _engine() -> str:
    return gzip.decompress(ENGINE.read_bytes()).decode() + "\nwindow.ace = ace;"
