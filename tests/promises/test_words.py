"""One word a thing (DESIGN §2): "visit" is for patients and the desk to read; code says appointment."""

import ast
import re
import tokenize
from collections.abc import Iterator

import pytest

from tests.promises.source import BOOKING, ROOT, python_files, tree_of

# Prose that once named functions and classes; a noun and a verb of the field took each one's place.
RETIRED = {
    *("owe", "owed_for", "take_back", "retire_except", "is_decent", "is_enough", "reckon"),
    *("true_until", "who_may_be", "beat", "look_again", "Told", "Taken", "Verdict", "Offer"),
}


def names_in(*folders: str) -> Iterator[tuple[str, str]]:
    """Yield each name that Python files below these folders use, with where it stands."""
    for path in python_files(*(ROOT / folder for folder in folders)):
        at = path.relative_to(ROOT)
        with tokenize.open(path) as file:
            for token in tokenize.generate_tokens(file.readline):
                if token.type == tokenize.NAME:
                    yield token.string, f"{at}:{token.start[0]}"


def is_visit(name: str) -> bool:
    """Tell whether a name speaks of a visit; a visitor is somebody at our pages."""
    return "visit" in name.lower().replace("visitor", "")


@pytest.mark.parametrize("folder", [BOOKING.name, "tests", "bench", "simulation"])
def test_code_says_appointment(folder: str) -> None:
    allowed = {"test_code_says_appointment", "is_visit"}
    assert [
        f"{at} {name}" for name, at in names_in(folder) if is_visit(name) and name not in allowed
    ] == []


def test_retired_names_stay_away() -> None:
    assert [f"{at} {name}" for name, at in names_in(BOOKING.name) if name in RETIRED] == []


# A noun says what a value is; these say only how we came by it.
PROSE = {
    *("found", "known", "one", "place", "told", "kept", "made", "said", "given", "wanted", "asked"),
    *("shown", "offer", "typed", "done", "taken"),
}


def variables_in(folder: str) -> Iterator[tuple[str, str]]:
    """Yield each variable and argument that Python files below a folder bind, and where."""
    for path in python_files(ROOT / folder):
        at = path.relative_to(ROOT)
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id, f"{at}:{node.lineno}"
            elif isinstance(node, ast.arg):
                yield node.arg, f"{at}:{node.lineno}"


def test_variables_are_named_by_nouns() -> None:
    variables = list(variables_in(BOOKING.name))
    assert "catalogue" in {name for name, _ in variables}  # so they are read
    assert [f"{at} {name}" for name, at in variables if name in PROSE] == []


# The field says "find duplicates" (DESIGN §2).
FOUND_IN_NUMBERS = {"find_duplicates", "find_new_duplicates"}
SEVERAL = r"(list|dict|set|Iterator|Sequence|Mapping)\["


def functions_of_modules() -> Iterator[tuple[str, str]]:
    """Yield each public function of a module, and what it returns as it is annotated."""
    for path in python_files(BOOKING):
        for node in tree_of(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield node.name, ast.unparse(node.returns) if node.returns else ""


def test_get_gives_one_or_raises() -> None:
    names = [name for name, returns in functions_of_modules() if "None" in returns]
    assert [name for name in names if name.startswith("get_")] == []


def test_find_gives_one_or_none_and_list_several() -> None:
    several = [name for name, returns in functions_of_modules() if re.match(SEVERAL, returns)]
    assert {name for name in several if name.startswith("find_")} <= FOUND_IN_NUMBERS
