"""Who comes is told by initials alone."""

import pytest

from booking.feeds.rules import initials


@pytest.mark.parametrize(
    ("given", "family", "expected"),
    [
        ("Test", "Person", "T. P."),
        ("maría", "de la Cruz", "M. D."),
        (" ann", "", "A."),
        ("", "", ""),
    ],
)
def test_initials(given: str, family: str, expected: str) -> None:
    assert initials(given, family) == expected
