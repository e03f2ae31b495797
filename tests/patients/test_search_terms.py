"""What is typed to find a patient: names, numbers, addresses and birth dates, in any order and form."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.patients.search_terms import SearchTerms, parse_birth_date, parse_search

TODAY = date(2026, 12, 1)
LEAP_DAY = date(1980, 2, 29)
BIRTH_DATES = st.dates(date(1900, 1, 1), TODAY)


@pytest.mark.parametrize(
    "text",
    [
        *("02/29/1980", "2/29/1980", "2/29/80", "2-29-80", "02.29.1980", "1980-02-29"),
        *("19800229", "1980/2/29", "1980.02.29", "29-Feb-1980", "29/feb/80"),
        *("Feb 29 80", "29 February, 1980"),
        *("Feb 29, 1980", "february 29th 1980", "29 Feb 1980", "Feb. 29 1980", " 02/29/1980 "),
    ],
)
def test_a_birth_date_is_read_in_any_usual_form(text: str) -> None:
    assert parse_search(text, TODAY) == SearchTerms(birth_dates=(LEAP_DAY,))


@pytest.mark.parametrize(
    ("text", "born"),
    [("12/1/26", date(2026, 12, 1)), ("12/2/26", date(1926, 12, 2)), ("1/5/60", date(1960, 1, 5))],
)
def test_a_year_of_two_digits_is_the_last_there_was(text: str, born: date) -> None:
    assert parse_birth_date(text, TODAY) == born


@pytest.mark.parametrize("text", ["", "Feb", "May 3", "13/45/1980", "2/30/1980", "1980", "0123"])
def test_part_of_a_date_or_no_date_is_no_birth_date(text: str) -> None:
    assert parse_birth_date(text, TODAY) is None


@given(BIRTH_DATES, st.sampled_from(["%m/%d/%Y", "%Y-%m-%d", "%B %d, %Y", "%d %b %Y", "%m/%d/%y"]))
def test_every_birth_date_is_read_back(born: date, form: str) -> None:
    read = parse_birth_date(born.strftime(form), TODAY)
    assert read is not None
    assert (read.month, read.day) == (born.month, born.day)
    assert read.year % 100 == born.year % 100
    assert "y" in form or read == born


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0123", ("0123",)),
        ("(602) 555-0123", ("6025550123",)),
        ("602 555 0123", ("6025550123",)),
        ("+1 602 555 0123", ("16025550123",)),
        ("555-0123", ("5550123",)),
        ("0123 1980", ("0123", "1980")),
        ("19801301", ("19801301",)),
    ],
)
def test_a_phone_is_digits_however_it_is_written(text: str, numbers: tuple[str, ...]) -> None:
    assert parse_search(text, TODAY) == SearchTerms(numbers=numbers)


def test_all_kinds_are_read_together_in_any_order() -> None:
    terms = SearchTerms(("rivera",), ("0123",), ("maria@ex",), (LEAP_DAY,))
    assert parse_search("rivera 0123 2/29/80 Maria@ex", TODAY) == terms
    assert parse_search("maria@EX 2/29/80 0123, Rivera", TODAY) == terms


def test_names_are_compared_without_accents_and_signs() -> None:
    words = ("obrien", "nunez", "garcia", "lopez")
    assert parse_search("O’Brien, Núñez Garcia-López", TODAY).words == words


@given(st.text(max_size=200))
def test_whatever_is_typed_is_taken_apart(text: str) -> None:
    parse_search(text, TODAY)
