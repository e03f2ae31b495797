"""Whatever code a row has, the desk has words for it: none fails on the page that shows it first."""

from collections.abc import Callable, Iterator
from enum import Enum
from inspect import Parameter, signature
from types import SimpleNamespace
from typing import Any, get_type_hints

import pytest
from flask import Flask, g


def filters_of_codes(app: Flask) -> Iterator[tuple[Callable[[Enum], Any], type[Enum]]]:
    """Yield each filter of the desk whose value is one of a set of codes, with the set."""
    for show in app.jinja_env.filters.values():
        if str(getattr(show, "__module__", "")).startswith("booking.desk") and _needs_one(show):
            first = next(iter(get_type_hints(show).values()))
            if isinstance(first, type) and issubclass(first, Enum):
                yield show, first


def _needs_one(show: Callable[..., Any]) -> bool:
    """Tell whether a filter needs nothing beside its value."""
    parameters = signature(show).parameters.values()
    return sum(each.default is Parameter.empty for each in parameters) == 1


@pytest.mark.parametrize("reads_clinical", [False, True])
def test_every_code_has_words_for_whoever_reads_them(
    sqlite_app: Flask, reads_clinical: bool
) -> None:
    filters = list(filters_of_codes(sqlite_app))
    assert len(filters) > 10
    with sqlite_app.test_request_context():
        g._login_user = SimpleNamespace(reads_clinical=reads_clinical)
        for show, codes in filters:
            for code in codes:
                assert show(code), (show.__name__, code)
