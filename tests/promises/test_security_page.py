"""docs/security.md: each threat and requirement names tests that exist."""

import re
from collections import Counter

from tests.promises.source import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = re.compile(r"`([a-z_]+(?:/[a-z_]+)*)::([a-z0-9_]+)`")
TABLES = PAGE.partition("## OWASP ASVS 5.0")[2].partition("## Not met")[0]
RANGE = re.compile(r"\b(\d+)\.(\d+)\.(\d+)(?: to (\d+)\.(\d+)\.(\d+))?")


def test_each_test_that_is_named_is_there() -> None:
    named = NAMED.findall(PAGE)
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (file := ROOT / "tests" / f"{path}.py").exists()
        or f"def test_{name}(" not in file.read_text()
    ]
    assert (len(named) > 100, missing) == (True, [])


def test_no_requirement_has_two_answers() -> None:
    """Those that the service has no use for are listed before the tables."""
    rows = [line.split("|")[1] for line in TABLES.splitlines() if line.startswith("| ")]
    starts = Counter(match.group() for row in rows for match in RANGE.finditer(row))
    assert (len(starts) > 100, [number for number, times in starts.items() if times > 1]) == (
        True,
        [],
    )
