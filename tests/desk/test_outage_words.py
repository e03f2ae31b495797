"""When something is closed, broken or away, as the desk reads it."""

import pytest

from booking.desk.outages.words import format_outage_span
from tests.builders import Clinic
from tests.outages.cases import closing


@pytest.mark.parametrize(
    ("begins", "ends", "span"),
    [
        (0, 24, "Wed, Dec 2, all day"),
        (0, 72, "Wed, Dec 2 – Fri, Dec 4, all day"),
        (9, 12, "Wed, Dec 2, 9:00 AM – 12:00 PM"),
        (0, 12, "Wed, Dec 2, until 12:00 PM"),
        (12, 72, "Wed, Dec 2, 12:00 PM – Fri, Dec 4, end of day"),
        (12, 24, "Wed, Dec 2, from 12:00 PM on"),
        (12, 36, "Wed, Dec 2, 12:00 PM – Thu, Dec 3, 12:00 PM"),
        (0, 36, "Wed, Dec 2 – Thu, Dec 3, 12:00 PM"),
        (0, None, "from Wed, Dec 2 until further notice"),
        (12, None, "from Wed, Dec 2, 12:00 PM until further notice"),
        (12, 12, "Wed, Dec 2: taken back before it began"),
    ],
)
def test_midnight_is_the_end_of_the_day_before(
    clinic: Clinic, begins: int, ends: int | None, span: str
) -> None:
    assert format_outage_span(closing(clinic, begins, ends)).replace("\u202f", " ") == span
