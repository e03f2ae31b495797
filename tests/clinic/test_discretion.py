"""Which names and addresses tell others what is treated, in either language and however written."""

import pytest

from booking.clinic.discretion import is_telling
from booking.clinic.parsing import parse_clinic_file
from tests.clinic.files import DEMO


@pytest.mark.parametrize(
    "name",
    [
        "Cli\u0301nica Psiquia\u0301trica", "Infusio\u0301n Sur", "Infusión Sur", "KETAMINE CENTER",
        "Ｋetamine Plaza", "Esketamina", "Sedona Mental Health", "Spravato Suites", "Drip Lounge",
        "visits.scottsdale-ketamine.com",
    ],
)  # fmt: skip
def test_names_that_tell_what_is_treated_are_known(name: str) -> None:
    assert is_telling(name)


@pytest.mark.parametrize(
    "name", ["Dripping Springs Clinic", "Clínica “Niño” (Sur)", "Fundamental Health", "Acetamino"]
)
def test_names_that_tell_nothing_are_names(name: str) -> None:
    text = DEMO.replace('"Ahwatukee Clinic"', f'"{name}"')
    assert parse_clinic_file(text).locations[0].neutral_name == name
