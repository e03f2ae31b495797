"""Patients found by part of what is known of them, and in spite of typing mistakes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.patients.search_index import SearchIndex, SearchRecord
from booking.patients.search_terms import parse_search

TODAY = date(2026, 12, 1)
MARIA = SearchRecord(
    1, "María José", "García-López", date(1980, 2, 29), "+16025550123", "maria.g@example.com"
)
OBRIEN = SearchRecord(2, "Pat", "O'Brien", date(1971, 7, 4), "+14805550199;ext=44", None)
MARTIN = SearchRecord(3, "Martin", "Brown", date(1980, 3, 1), None, "brown@example.org")
MARIAN = SearchRecord(4, "Marian", "Lopes", date(1955, 1, 2), "+16025559123", None)
INDEX = SearchIndex([OBRIEN, MARTIN, MARIA, MARIAN])


def search(text: str) -> list[int]:
    return [hit.id for hit in INDEX.search(parse_search(text, TODAY), set(), limit=10)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("garcia", [1]),
        ("lopez", [1, 4]),  # Lopes is alike
        ("garcia-lopez maria", [1]),
        ("maria", [1, 4]),
        ("jose", [1]),
        ("arcia", [1]),
        ("brien", [2]),
        ("O'BRIEN", [2]),
        ("obrine", [2]),  # two letters exchanged
        ("gracia", [1]),
        ("garzia", [1]),
        ("garci", [1]),
        ("garca", [1]),  # a letter left out
        ("garrcia", [1]),
        ("zzz", []),
        ("0123", [1]),
        ("9123", [4]),
        ("480-555", [2]),
        ("(602) 555-0123", [1]),
        ("2/29/80", [1]),
        ("1980", [3, 1]),
        ("maria.g@ex", [1]),
        ("brown@example.org", [3]),
        ("maria 1955", [4]),
        ("maria 2/29/80 0123", [1]),
        ("maria 2/28/80", []),
        ("12", []),
        ("", []),
    ],
)
def test_who_is_found_and_in_which_order(text: str, ids: list[int]) -> None:
    assert search(text) == ids


def test_who_is_left_out_makes_room_for_the_next() -> None:
    hits = INDEX.search(parse_search("maria", TODAY), {1}, limit=1)
    assert [hit.id for hit in hits] == [4]


def test_an_index_of_nobody_finds_nobody() -> None:
    assert SearchIndex([]).search(parse_search("maria 0123", TODAY), set(), 5) == []


NAMES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=5, max_size=12)


@given(NAMES, st.data())
def test_a_name_is_found_by_any_part_and_with_one_mistake(name: str, data: st.DataObject) -> None:
    index = SearchIndex([SearchRecord(7, name.title(), "Doe", date(1980, 1, 1), None, None)])
    first = data.draw(st.integers(0, len(name) - 2))
    part = name[first : data.draw(st.integers(first + 2, len(name)))]
    place = data.draw(st.integers(0, len(name) - 1))
    for text in (part, name[:place] + "q" + name[place + 1 :], name[:place] + name[place + 1 :]):
        hits = index.search(parse_search(text, TODAY), set(), 5)
        assert [hit.id for hit in hits] == [7]
