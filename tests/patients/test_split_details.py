"""What was typed to find somebody fills the form for a new record."""

import pytest

from booking.patients.search_terms import split_details


@pytest.mark.parametrize(
    ("text", "details"),
    [
        ("María de la Cruz", {"given_name": "María", "family_name": "de la Cruz"}),
        ("de la Cruz, María", {"given_name": "María", "family_name": "de la Cruz"}),
        ("Ruiz", {"given_name": "Ruiz"}),
        (
            "Ana Ruiz 602 555 0142",
            {"given_name": "Ana", "family_name": "Ruiz", "phone": "602 555 0142"},
        ),
        ("ana@example.com 2/29/80", {"email": "ana@example.com", "birth_date": "2/29/80"}),
        ("0142", {}),
        (" , ", {}),
        ("", {}),
    ],
)
def test_each_part_goes_into_its_field(text: str, details: dict[str, str]) -> None:
    assert split_details(text) == details
