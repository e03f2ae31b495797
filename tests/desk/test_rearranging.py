"""Phases that buttons add, remove and move keep all that was typed, right or wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from booking.desk.series.rearranging import MAX_PHASES, is_rearrangement, rearrange_phases

Typed = list[dict[str, str]]
NAMES = st.text("abc", max_size=3)
TYPED = st.lists(
    st.fixed_dictionaries({"name": NAMES, "sessions": st.sampled_from(["", "4", "many"])}),
    min_size=1, max_size=5,
)  # fmt: skip
OTHERS = [("reason", "Better"), ("weekdays", "0"), ("weekdays", "3")]


def fields(phases: Typed) -> "MultiDict[str, str]":
    numbered = [
        (f"phases-{number}-{name}", text)
        for number, phase in enumerate(phases)
        for name, text in phase.items()
    ]
    return MultiDict([*OTHERS, *numbered])


def read(typed: "MultiDict[str, str]") -> Typed:
    numbers = sorted({int(name.split("-")[1]) for name in typed if name.startswith("phases-")})
    assert numbers == list(range(len(numbers)))
    return [
        {name: typed[f"phases-{number}-{name}"] for name in ("name", "sessions")}
        for number in numbers
    ]


def after(phases: Typed, step: str) -> Typed:
    typed, focus = rearrange_phases(fields(phases), step)
    assert [pair for pair in typed.items(multi=True) if "phases" not in pair[0]] == OTHERS
    assert 0 <= focus < len(read(typed))
    return read(typed)


@given(TYPED, st.integers(0, 6))
def test_a_phase_is_removed_but_for_the_last(phases: Typed, index: int) -> None:
    is_there = index < len(phases) > 1
    rest = phases[:index] + phases[index + 1 :] if is_there else phases
    assert after(phases, f"remove-{index}") == rest


@given(TYPED, st.integers(0, 6))
def test_moved_there_and_back_all_is_as_it_was(phases: Typed, index: int) -> None:
    moved = after(phases, f"down-{index}")
    if index + 1 < len(phases):
        assert moved[index : index + 2] == [phases[index + 1], phases[index]]
        assert after(moved, f"up-{index + 1}") == phases
    else:
        assert moved == phases


@given(TYPED)
def test_a_phase_is_added_before_a_last_one_without_an_end(phases: Typed) -> None:
    added = after(phases, "add")
    index = len(phases) - 1 if not phases[-1]["sessions"] else len(phases)
    assert added[index] == {"name": "", "sessions": "4"}
    assert added[:index] + added[index + 1 :] == phases


def test_there_are_never_too_many() -> None:
    many = [{"name": str(number), "sessions": "1"} for number in range(MAX_PHASES)]
    assert after(many, "add") == many


def test_numbers_with_holes_are_closed() -> None:
    typed = MultiDict([("phases-7-name", "B"), ("phases-2-name", "A")])
    moved, focus = rearrange_phases(typed, "up-1")
    assert dict(moved) == {"phases-0-name": "B", "phases-1-name": "A"}
    assert focus == 0


@pytest.mark.parametrize("step", ["", "save", "up", "up-", "up-x", "remove--1", "up-99999"])
def test_other_buttons_move_nothing(step: str) -> None:
    assert not is_rearrangement(step)
