"""New scores lead to a proposal and a task; a practitioner applies it, and nothing changes by itself."""

from datetime import datetime, timedelta

import pytest

from booking.adaptive import operations as adaptive
from booking.adaptive.models import ProposalStatus, SpacingProposal
from booking.adaptive.proposing import consider_scores, propose_spacing
from booking.adaptive.queries import find_open_proposal, find_order, list_proposals
from booking.adaptive.rules import SpacingRule
from booking.db.transactions import transaction
from booking.extensions import db
from booking.mood import operations as mood
from booking.series import endings, frequency_changes
from booking.series.frequencies import FREQUENCIES
from booking.series.queries import get_phases
from booking.series.refusals import (
    InvalidChange,
    PlanChanged,
    PractitionerRequired,
    SeriesNotPending,
)
from booking.series.revisions import list_revisions
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind
from tests.adaptive.scores import RULE, answer, set_rule
from tests.builders import NOW, Clinic
from tests.series.ongoing import Ongoing, starts
from tests.series.prescribed import a_booked_series, doctor, tasks_of

DECIDE = TaskKind.DECIDE_SPACING


def proposed(ongoing: Ongoing) -> tuple[int, int] | None:
    proposal = find_open_proposal(ongoing.series.id)
    return (proposal.from_days, proposal.to_days) if proposal else None


def apply(ongoing: Ongoing, now: datetime, *, key: str | None = None) -> None:
    proposal, day = find_open_proposal(ongoing.series.id), ongoing.weekly[0].local_date
    to_days = proposal.to_days if proposal else 14
    tail = frequency_changes.preview_frequency(ongoing.row, to_days, day, now)
    adaptive.apply_proposal(
        ongoing.series.id, day, ongoing.practitioner, now,
        reason="Well", expected_key=tail.key if key is None else key,
    )  # fmt: skip


def statuses(ongoing: Ongoing) -> list[ProposalStatus]:
    """Return what became of the proposals, the oldest first."""
    return [each.status for each in reversed(list_proposals(ongoing.series.id))]


def test_two_good_scores_are_a_proposal_and_a_task_and_change_nothing(ongoing: Ongoing) -> None:
    set_rule(ongoing)
    answer(ongoing.series, 18, 5)
    assert proposed(ongoing) is None
    answer(ongoing.series, 4)
    assert proposed(ongoing) == (7, 14)
    (task,) = tasks_of(DECIDE)
    assert (task.subject_kind, task.subject_id) == ("infusion_series", ongoing.series.id)
    assert starts(ongoing.coming()) == starts(ongoing.weekly)
    assert len(get_phases(ongoing.row)) == 2


def test_a_practitioner_applies_it_as_shown(ongoing: Ongoing) -> None:
    set_rule(ongoing)
    now = answer(ongoing.series, 18, 5, 4)
    apply(ongoing, now)
    assert get_phases(ongoing.row)[-1].gap == FREQUENCIES[14]
    assert statuses(ongoing) == [ProposalStatus.APPLIED]
    assert tasks_of(DECIDE) == []
    (revision,) = list_revisions(ongoing.series.id)
    assert revision.reason == "Well"


def test_what_was_not_shown_is_not_applied(ongoing: Ongoing) -> None:
    set_rule(ongoing)
    now = answer(ongoing.series, 18, 5, 4)
    with pytest.raises(PlanChanged):
        apply(ongoing, now, key="k0")
    assert statuses(ongoing) == [ProposalStatus.OPEN]
    assert starts(ongoing.coming()) == starts(ongoing.weekly)


def test_scores_that_were_decided_on_propose_nothing_more(ongoing: Ongoing) -> None:
    set_rule(ongoing)
    now = answer(ongoing.series, 18, 5, 4)
    adaptive.decline_proposal(ongoing.series.id, ongoing.practitioner, now, reason="Too soon")
    propose_spacing(now)
    answer(ongoing.series, 4)
    assert statuses(ongoing) == [ProposalStatus.DECLINED]
    answer(ongoing.series, 4)
    assert statuses(ongoing) == [ProposalStatus.DECLINED, ProposalStatus.OPEN]


def test_a_frequency_changed_by_hand_is_a_decision_too(ongoing: Ongoing) -> None:
    set_rule(ongoing)
    now = answer(ongoing.series, 18, 5)
    day = ongoing.weekly[0].local_date
    key = frequency_changes.preview_frequency(ongoing.row, 14, day, now).key
    frequency_changes.change_frequency(
        ongoing.series.id, 14, day, ongoing.practitioner, now, reason="Well", expected_key=key
    )
    answer(ongoing.series, 4)
    assert proposed(ongoing) is None
    answer(ongoing.series, 4)
    assert proposed(ongoing) == (14, 28)


def test_worse_scores_take_a_wider_proposal_back(ongoing: Ongoing) -> None:
    set_rule(ongoing)
    answer(ongoing.series, 18, 5, 4)
    answer(ongoing.series, 9)
    assert statuses(ongoing) == [ProposalStatus.OUTDATED]
    assert tasks_of(DECIDE) == []


def test_worse_after_a_step_wider_leads_back(ongoing: Ongoing) -> None:
    set_rule(ongoing)
    apply(ongoing, answer(ongoing.series, 18, 5, 4))
    answer(ongoing.series, 9)
    assert proposed(ongoing) == (14, 7)


def test_danger_is_never_a_good_score(ongoing: Ongoing) -> None:
    set_rule(ongoing)
    answer(ongoing.series, 18, 5)
    answer(ongoing.series, 4, danger=True)
    assert proposed(ongoing) is None


def test_answers_from_before_the_rule_are_not_proposed_on(ongoing: Ongoing) -> None:
    now = answer(ongoing.series, 18, 4, 4)
    set_rule(ongoing, now=now)
    propose_spacing(now)
    assert proposed(ongoing) is None
    answer(ongoing.series, 4)
    assert proposed(ongoing) is None
    answer(ongoing.series, 4)
    assert proposed(ongoing) == (7, 14)


def test_a_task_closed_by_hand_comes_back_until_it_is_decided(ongoing: Ongoing) -> None:
    set_rule(ongoing)
    now = answer(ongoing.series, 18, 5, 4)
    (task,) = tasks_of(DECIDE)
    tasks.finish_task(task.id, ongoing.practitioner, "Later", now, is_practitioner=True)
    propose_spacing(now)
    assert len(tasks_of(DECIDE)) == 1


def test_another_rule_takes_back_what_the_first_proposed(ongoing: Ongoing) -> None:
    set_rule(ongoing)
    now = answer(ongoing.series, 18, 5, 4)
    set_rule(ongoing, SpacingRule((7, 14), 3, None, 4), now)
    assert statuses(ongoing) == [ProposalStatus.OUTDATED]
    assert tasks_of(DECIDE) == []


def test_a_rule_that_ended_proposes_nothing(ongoing: Ongoing) -> None:
    set_rule(ongoing)
    answer(ongoing.series, 18, 5)
    adaptive.end_rule(ongoing.series.id, ongoing.practitioner, NOW)
    adaptive.end_rule(ongoing.series.id, ongoing.practitioner, NOW)
    answer(ongoing.series, 4, 4)
    assert find_order(ongoing.series.id) is None
    assert list_proposals(ongoing.series.id) == []


def test_what_is_proposed_for_a_series_that_is_over_is_taken_back(ongoing: Ongoing) -> None:
    set_rule(ongoing)
    now = answer(ongoing.series, 18, 5, 4)
    endings.stop_series(ongoing.series.id, now, doctor(ongoing.clinic), reason="Moved away")
    propose_spacing(now)
    assert statuses(ongoing) == [ProposalStatus.OUTDATED]
    assert tasks_of(DECIDE) == []


def test_looked_at_twice_it_is_proposed_once(ongoing: Ongoing) -> None:
    set_rule(ongoing)
    now = answer(ongoing.series, 18, 5, 4)
    assert propose_spacing(now) == 0
    assert consider_scores(ongoing.series.id, now)
    assert statuses(ongoing) == [ProposalStatus.OPEN]


def test_a_rule_that_can_not_be_read_proposes_nothing_and_stops_nobody(ongoing: Ongoing) -> None:
    set_rule(ongoing)
    with transaction():
        order = find_order(ongoing.series.id)
        assert order is not None
        order.rule = {"steps": "broken"}
    answer(ongoing.series, 18, 5, 4)
    assert proposed(ongoing) is None


def test_a_rule_needs_forms_an_open_end_and_a_practitioner(
    ongoing: Ongoing, clinic: Clinic
) -> None:
    by = ongoing.practitioner
    with pytest.raises(PractitionerRequired):
        adaptive.set_rule(ongoing.series.id, RULE, clinic.front_desk.id, NOW, reason="x")
    mood.end_mood_schedule(ongoing.series.id, by, NOW)
    with pytest.raises(InvalidChange, match="forms_off"):
        set_rule(ongoing)
    endings.stop_series(ongoing.series.id, NOW, doctor(clinic), reason="Over")
    with pytest.raises(SeriesNotPending):
        set_rule(ongoing)
    with pytest.raises(InvalidChange, match="nothing_proposed"):
        adaptive.decline_proposal(ongoing.series.id, by, NOW + timedelta(days=1), reason="x")


def test_a_series_that_ends_has_no_spacing_to_propose(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    mood.start_mood_schedule(series.id, 7, clinic.practitioner.id, NOW)
    with pytest.raises(InvalidChange, match="not_open_ended"):
        adaptive.set_rule(series.id, RULE, clinic.practitioner.id, NOW, reason="x")


def test_every_proposal_keeps_the_form_that_led_to_it(ongoing: Ongoing) -> None:
    set_rule(ongoing)
    answer(ongoing.series, 18, 5, 4)
    proposal = db.session.scalars(db.select(SpacingProposal)).one()
    order = find_order(ongoing.series.id)
    assert order is not None
    assert proposal.order_id == order.id
    assert proposal.form_id > 0
