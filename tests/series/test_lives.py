"""Lives of series, generated step by step on both databases: hard rules hold, and nothing is lost unseen.

A bounded share runs with the tests. The long run, of 2,000 lives of 50 steps:
`LIVES=2000 STEPS=50 make test TESTS=tests/series/test_lives.py`.
"""

import os
from contextlib import ExitStack
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from booking.appointments.rules import Outcome
from tests.databases import postgresql_database, sqlite_database
from tests.series.life_checks import list_silent_series, list_wrongs
from tests.series.life_corrections import CorrectedLife
from tests.shared_app import app_on

LIVES, STEPS = int(os.environ.get("LIVES", "4")), int(os.environ.get("STEPS", "12"))
WHICH = st.integers(0, 40)
DAYS = st.integers(0, 20)


class SeriesLives(RuleBasedStateMachine):
    """Facts and decisions in any order, each as the desk would make it."""

    kind: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        database = sqlite_database() if self.kind == "sqlite" else postgresql_database()
        self.stack.enter_context(app_on(self.stack.enter_context(database)))

    def teardown(self) -> None:
        self.stack.close()

    @initialize()
    def begin(self) -> None:
        self.life = CorrectedLife.begin()

    @rule(days=st.integers(1, 4), comes=st.lists(st.booleans(), min_size=4, max_size=4))
    def days_pass(self, days: int, comes: list[bool]) -> None:
        answers = iter(comes + [True] * 20)
        self.life.pass_days(days, lambda: next(answers))
        assert list_silent_series(self.life.now) == []

    @precondition(lambda self: self.life.coming())
    @rule(comes=st.booleans(), is_treated=st.booleans())
    def the_next_takes_place(self, comes: bool, is_treated: bool) -> None:
        answers = iter((comes, is_treated))
        self.life.try_to(lambda: self.life.take_place(self.life.coming()[0], lambda: next(answers)))

    @rule(which=WHICH)
    def what_was_done_today_is_undone(self, which: int) -> None:
        self.life.try_to(lambda: self.life.undo(which))

    @rule()
    def who_did_not_come_comes_late(self) -> None:
        self.life.try_to(self.life.come_late)

    @rule(outcome=st.sampled_from([Outcome.TREATED, Outcome.HAD_EATEN]))
    def an_outcome_is_corrected(self, outcome: Outcome) -> None:
        self.life.try_to(lambda: self.life.correct_outcome(outcome))

    @precondition(lambda self: self.life.coming())
    @rule(which=WHICH, by_patient=st.booleans())
    def one_is_cancelled(self, which: int, by_patient: bool) -> None:
        coming = self.life.coming()
        self.life.try_to(
            lambda: self.life.cancel(coming[which % len(coming)], by_patient=by_patient)
        )

    @precondition(lambda self: self.life.coming())
    @rule(which=WHICH, days=st.integers(-3, 5), reason=st.sampled_from(["", "They agreed"]))
    def one_is_moved(self, which: int, days: int, reason: str) -> None:
        coming = self.life.coming()
        self.life.try_to(lambda: self.life.move(coming[which % len(coming)], days, reason))

    @precondition(lambda self: self.life.coming())
    @rule(which=WHICH)
    def a_day_closes(self, which: int) -> None:
        coming = self.life.coming()
        self.life.try_to(lambda: self.life.close_day(coming[which % len(coming)]))

    @precondition(lambda self: self.life.waiting())
    @rule(which=WHICH, way=st.integers(0, 3))
    def one_is_healed(self, which: int, way: int) -> None:
        waiting = self.life.waiting()
        self.life.try_to(lambda: self.life.heal_session(waiting[which % len(waiting)], way))

    @rule(first=DAYS, days=st.integers(0, 9))
    def the_patient_is_away(self, first: int, days: int) -> None:
        self.life.try_to(lambda: self.life.go_away(first, days))

    @rule(first=DAYS, days=st.one_of(st.none(), st.integers(1, 20)))
    def it_rests(self, first: int, days: int | None) -> None:
        self.life.try_to(lambda: self.life.pause(first, days))

    @rule(phase=st.sampled_from([None, 0]))
    def it_goes_on(self, phase: int | None) -> None:
        self.life.try_to(lambda: self.life.resume(phase))

    @rule(days=st.sampled_from([7, 14]))
    def it_is_given_more_or_less_often(self, days: int) -> None:
        self.life.try_to(lambda: self.life.change_frequency(days))

    @rule()
    def a_phase_is_given_once_more(self) -> None:
        self.life.try_to(self.life.repeat)

    @rule(kind=st.sampled_from(["day", "number", "none", "now"]), count=st.integers(1, 30))
    def it_gets_an_end(self, kind: str, count: int) -> None:
        self.life.try_to(lambda: self.life.end(kind, count))

    @rule()
    def the_patient_is_not_cleared_any_more(self) -> None:
        self.life.try_to(self.life.withdraw_clearance)

    @rule(days=st.sampled_from([0, 0, 10, 40]))
    def the_patient_is_cleared_again(self, days: int) -> None:
        self.life.try_to(lambda: self.life.clear_again(days))

    @rule(sessions=st.integers(0, 8), days=st.integers(5, 60))
    def a_payer_covers_so_many(self, sessions: int, days: int) -> None:
        self.life.try_to(lambda: self.life.authorise(sessions, days))

    @rule(which=WHICH, sessions=st.integers(1, 6), most=st.integers(4, 6))
    def its_phases_become_the_patients_own(self, which: int, sessions: int, most: int) -> None:
        self.life.try_to(lambda: self.life.change_phases(which, sessions, most))

    @precondition(lambda self: self.life.waiting())
    @rule(which=WHICH)
    def one_is_given_up(self, which: int) -> None:
        waiting = self.life.waiting()
        self.life.try_to(lambda: self.life.give_up(waiting[which % len(waiting)]))

    @rule()
    def the_patient_is_not_away_after_all(self) -> None:
        self.life.try_to(self.life.come_back)

    @rule(days=DAYS, hour=st.integers(9, 15))
    def others_take_a_time(self, days: int, hour: int) -> None:
        self.life.try_to(lambda: self.life.fill(days, hour))

    @rule(days=DAYS)
    def an_infusion_is_booked_alone(self, days: int) -> None:
        self.life.try_to(lambda: self.life.book_alone(days))

    @rule(is_sure=st.integers(0, 5))
    def it_ends_and_another_begins(self, is_sure: int) -> None:
        if is_sure == 0:
            self.life.try_to(self.life.stop)
        self.life.try_to(self.life.withdraw_prescription)
        self.life.try_to(self.life.prescribe)

    @invariant()
    def nothing_is_wrong(self) -> None:
        if hasattr(self, "life"):
            assert list_wrongs(self.life.now) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_invariant_6_whatever_happens_rules_hold_and_no_session_waits_unseen(kind: str) -> None:
    machine = type(f"Lives{kind}", (SeriesLives,), {"kind": kind})
    lives = LIVES if kind == "sqlite" or LIVES > 100 else max(LIVES // 2, 1)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=lives, stateful_step_count=STEPS, print_blob=True, deadline=None,
            phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
