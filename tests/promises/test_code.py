"""Habits that hold everywhere: one place commits, one knows the time, all can be translated."""

import ast

import pytest

from tests.promises.source import BOOKING, ROOT, lines_with, python_files, tree_of

TRANSLATORS = {"_", "_l", "gettext", "lazy_gettext", "ngettext", "pgettext", "npgettext"}
LONG, FEW, LONGEST = 250, 5, 330  # lines; few files pass 250
PROJECT = (
    BOOKING,
    *(ROOT / name for name in ("tests", "migrations", "bench", "simulation", "deploy")),
)


def test_only_one_file_commits() -> None:
    assert lines_with(".commit(", BOOKING, besides="booking/db/transactions.py") == []


@pytest.mark.parametrize("asking", ["datetime.now(", "utcnow(", "date.today(", "time.time("])
def test_only_the_clock_knows_the_time(asking: str) -> None:
    assert lines_with(asking, BOOKING, besides="booking/clock.py") == []


@pytest.mark.parametrize("way", ["request.cookies.get(", ".set_cookie("])
def test_cookies_have_their_whole_names(way: str) -> None:
    assert lines_with(way, BOOKING, besides="booking/web/cookies.py") == []


@pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME", "XX" + "X:"])
def test_nothing_is_left_to_do(word: str) -> None:
    assert lines_with(word, *PROJECT) == []


@pytest.mark.parametrize("way_out", ["pytest" + ".skip", "import" + "orskip", "skip" + "if"])
def test_no_test_may_stay_away(way_out: str) -> None:
    assert lines_with(way_out, ROOT / "tests") == []


def test_every_test_is_run() -> None:
    """A test in a file, or of a name, that pytest passes over would never fail."""
    paths = [path for path in python_files(ROOT / "tests") if path.name.startswith("test_")]
    others = set(python_files(ROOT / "tests")) - set(paths)
    assert [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in others
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ] == []


def test_files_stay_short_enough_to_read() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in python_files(*PROJECT[:2])}
    long = {str(path): length for path, length in lengths.items() if length > LONG}
    assert len(long) <= FEW, long
    assert max(lengths.values()) <= LONGEST, long


def test_every_text_can_be_found_for_translation() -> None:
    """gettext must be given the text itself: what is put together can't be looked up."""
    assert [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and is_translation(node) and not is_text(node.args[0])
    ] == []


def is_translation(node: ast.Call) -> bool:
    called = node.func if node.args else None
    return isinstance(called, ast.Name) and called.id in TRANSLATORS


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
