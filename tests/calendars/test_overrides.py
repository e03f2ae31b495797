"""Booking against rules of the calendar: exactly those that are named, and never what others have."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from booking.calendars.overrides import (
    NURSE_SHIFTS,
    OVERRIDES,
    PRACTITIONER_SHIFTS,
    CalendarRule,
    OverriddenBy,
    Rules,
)
from tests.calendars.ruled_cases import Case, cases
from tests.examples import examples

OVERRIDABLE = sorted(OVERRIDES)
rule_sets = st.frozensets(st.sampled_from(OVERRIDABLE))


def together(rules: Rules) -> Rules:
    """Return rules with those that give way with them: whoever comes in is there for all of them."""
    for shifts in (NURSE_SHIFTS, PRACTITIONER_SHIFTS):
        rules |= shifts if rules & shifts else frozenset()
    return rules


@examples(60)
@given(cases(), rule_sets)
def test_what_is_named_gives_way_and_nothing_else(
    found: tuple[Case, date], named: frozenset[CalendarRule]
) -> None:
    case, day = found
    exempt = together(named)
    starts = case.starts(day, exempt)
    ruled = case.ruled(day)
    for cell in range(0, ruled.day.cells, 2):
        blockers = ruled.blockers_at(ruled.day.cell_start(cell))
        is_exempt = all(
            each.rule in exempt and each.override is not OverriddenBy.NOBODY for each in blockers
        )
        assert bool(starts >> cell & 1) is is_exempt, blockers


@examples(60)
@given(cases())
def test_naming_exactly_the_rules_against_a_start_makes_it_possible(
    found: tuple[Case, date],
) -> None:
    case, day = found
    ruled = case.ruled(day)
    for cell in range(0, ruled.day.cells, 7):
        blockers = ruled.blockers_at(ruled.day.cell_start(cell))
        if blockers and all(each.override is not OverriddenBy.NOBODY for each in blockers):
            named = frozenset(CalendarRule(each.rule) for each in blockers)
            assert case.starts(day, named) >> cell & 1
            for kept in named:
                assert (
                    not case.starts(day, together(named) - together(frozenset({kept}))) >> cell & 1
                )
