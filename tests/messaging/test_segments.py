"""How many parts a text takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.messaging.segments import TextLength, measure_text


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", TextLength("GSM-7", 0, 1)),
        ("a" * 160, TextLength("GSM-7", 160, 1)),
        ("a" * 161, TextLength("GSM-7", 161, 2)),
        ("a" * 306, TextLength("GSM-7", 306, 2)),
        ("a" * 307, TextLength("GSM-7", 307, 3)),
        ("€" * 80, TextLength("GSM-7", 160, 1)),
        ("é" * 160, TextLength("GSM-7", 160, 1)),
        ("ñ" * 160, TextLength("GSM-7", 160, 1)),
        ("á" * 70, TextLength("UCS-2", 70, 1)),
        ("á" * 71, TextLength("UCS-2", 71, 2)),
        ("á" * 135, TextLength("UCS-2", 135, 3)),
        ("You’re", TextLength("UCS-2", 6, 1)),
        ("🙂" * 35, TextLength("UCS-2", 70, 1)),
        ("🙂" * 67, TextLength("UCS-2", 134, 3)),  # 33 pairs a part: a pair is never split
    ],
)
def test_a_text_takes_as_many_parts_as_the_standard_says(text: str, length: TextLength) -> None:
    assert measure_text(text) == length


@given(st.text(max_size=400), st.text(max_size=50))
def test_more_text_never_takes_fewer_parts(text: str, more: str) -> None:
    assert measure_text(text + more).segments >= measure_text(text).segments
