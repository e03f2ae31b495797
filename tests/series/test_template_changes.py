"""What differs between two versions of a schedule is named, and nothing else is."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from booking.series.rules import Gap, MissRule, Phase
from booking.series.template_changes import (
    ChangeKind,
    ScheduleChange,
    compare_phases,
    compare_templates,
)
from booking.series.templates import Template
from tests.series.builders import gaps

TWICE = Phase("Twice a week", 6, Gap(2, 3, 4, 5), 15, 45, 30)
WEEKLY = Phase("Weekly", 4, Gap(5, 7, 7, 9), 15, 45, 30)
MONTHLY = Phase("Monthly", None, Gap(25, 28, 28, 31), 15, 45, 30, 2)
TAPER = (TWICE, WEEKLY, MONTHLY)
TEMPLATE = Template("taper", {"en": "Tapering"}, 1, "Dr. Test", TAPER)

PHASES = st.builds(
    Phase,
    st.sampled_from(["Twice", "Weekly", "Monthly", "More"]),
    st.integers(1, 9), gaps(), st.just(15), st.sampled_from([40, 45]), st.just(30),
    st.none() | st.integers(1, 4),
)  # fmt: skip


def kinds(before: tuple[Phase, ...], after: tuple[Phase, ...]) -> list[tuple[ChangeKind, str]]:
    return [(change.kind, change.phase) for change in compare_phases(before, after)]


def test_numbers_of_a_phase_are_compared_each() -> None:
    other = replace(
        WEEKLY, sessions=6, gap=Gap(6, 7, 7, 9), recovery=45, review_every=3,
        after_miss=MissRule.GO_ON,
    )  # fmt: skip
    assert kinds(TAPER, (TWICE, other, MONTHLY)) == [
        (ChangeKind.SESSIONS, "Weekly"), (ChangeKind.GAP, "Weekly"),
        (ChangeKind.MINUTES, "Weekly"), (ChangeKind.REVIEW, "Weekly"),
        (ChangeKind.AFTER_MISS, "Weekly"),
    ]  # fmt: skip


def test_phases_come_go_and_change_places() -> None:
    new = replace(WEEKLY, name="Every ten days")
    assert kinds(TAPER, (TWICE, new, WEEKLY, MONTHLY)) == [(ChangeKind.PHASE_ADDED, new.name)]
    assert kinds(TAPER, (TWICE, MONTHLY)) == [(ChangeKind.PHASE_REMOVED, "Weekly")]
    assert kinds(TAPER, (WEEKLY, TWICE, MONTHLY)) == [(ChangeKind.ORDER, "")]
    assert kinds(TAPER, (TWICE, new, MONTHLY)) == [(ChangeKind.PHASE_RENAMED, new.name)]


def test_names_and_talk_therapy_are_part_of_a_template_and_its_approver_is_not() -> None:
    after = replace(
        TEMPLATE, names={"en": "Taper", "es": "Menos"}, talk_therapy_weeks=2, approved_by="Dr. B"
    )
    assert compare_templates(TEMPLATE, after) == [
        ScheduleChange(ChangeKind.NAME, before="Tapering", after="Taper"),
        ScheduleChange(ChangeKind.NAME, before=None, after="Menos"),
        ScheduleChange(ChangeKind.TALK_THERAPY, before=None, after=2),
    ]


@given(st.lists(PHASES, min_size=1, max_size=5), st.lists(PHASES, min_size=1, max_size=5))
def test_only_what_is_alike_has_no_difference(before: list[Phase], after: list[Phase]) -> None:
    assert compare_phases(before, before) == []
    assert (compare_phases(before, after) == []) is (before == after)
