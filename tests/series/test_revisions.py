"""Phases changed after they were prescribed: what was stays, and what comes counts under the new ones."""

from dataclasses import replace

import pytest

from booking.db.transactions import transaction
from booking.series.models import InfusionSeries
from booking.series.queries import get_phases, list_sessions
from booking.series.revisions import list_revisions, revise_phases
from booking.series.rules import Gap, InvalidSchedule, Phase
from tests.builders import NOW, TOMORROW, Clinic
from tests.series.prescribed import RECOMMENDED, a_booked_series

TWICE, WEEKLY = RECOMMENDED
FORTNIGHTLY = replace(WEEKLY, name="Every two weeks", gap=Gap(11, 14, 14, 17))


def revise(series: InfusionSeries, phases: tuple[Phase, ...], first_number: int, by: int) -> None:
    with transaction():
        revise_phases(series, phases, first_number, by, "Better", NOW, first_day=TOMORROW)


def test_sessions_from_the_change_on_count_in_the_new_phase(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    revised = (TWICE, replace(WEEKLY, sessions=2), FORTNIGHTLY)
    revise(series, revised, 9, clinic.practitioner.id)
    assert get_phases(series) == revised
    phases = [scheduled.session.phase for scheduled in list_sessions(series.id)]
    assert phases == [0] * 6 + [1] * 2 + [2] * (len(phases) - 8)


def test_a_change_of_phases_keeps_who_when_why_and_what_was(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    revise(series, (TWICE, FORTNIGHTLY), 7, clinic.practitioner.id)
    (revision,) = list_revisions(series.id)
    assert (revision.revised_by_id, revision.revised_at) == (clinic.practitioner.id, NOW)
    assert (revision.reason, revision.first_number, revision.first_day) == ("Better", 7, TOMORROW)
    assert revision.phases_before == [phase.to_dict() for phase in RECOMMENDED]
    assert revision.phases_after == [TWICE.to_dict(), FORTNIGHTLY.to_dict()]


@pytest.mark.parametrize(
    "phases",
    [
        (replace(TWICE, infusion=60), WEEKLY),
        (replace(TWICE, sessions=7), WEEKLY),
        (replace(TWICE, sessions=6),),
        (WEEKLY, TWICE),
    ],
)
def test_sessions_before_the_change_can_not_change(
    clinic: Clinic, phases: tuple[Phase, ...]
) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    with pytest.raises(InvalidSchedule):
        revise(series, phases, 8, clinic.practitioner.id)
    assert (get_phases(series), list_revisions(series.id)) == (RECOMMENDED, [])


def test_a_series_may_run_for_longer_than_any_that_is_prescribed(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    revised = (TWICE, replace(WEEKLY, sessions=200), FORTNIGHTLY)
    revise(series, revised, 207, clinic.practitioner.id)
    assert get_phases(series) == revised
