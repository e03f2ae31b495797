"""Which safety questions a clinic file may put into the list."""

import pytest

from tests.clinic.files import changed
from tests.clinic.test_reading import problems_of


@pytest.mark.parametrize(
    ("slug", "outcome"), [("danger", "help_first"), ("psychosis", "call_first")]
)
def test_what_stops_a_booking_is_never_put_into_the_list(slug: str, outcome: str) -> None:
    question = f'slug = "{slug}"\nleads_to = "{outcome}"\n'
    listed = question + 'listed = { en = "This" }\n'
    place = f"screening.questions.{slug}: listed"
    told = f"expected only where a yes is flagged; what leads to {outcome} is asked yes or no"
    assert problems_of(changed((question, listed))) == (f"{place}: {told}",)


def test_a_line_of_the_list_is_in_english_too() -> None:
    problems = problems_of(changed(('{ en = "Heart disease",', "{")))
    assert problems == ('screening.questions.heart-disease.listed: expected a text for "en"',)
