"""What new scores lead to is proposed, and asked about: pulled by the scheduler. Nothing is changed by it."""

from datetime import datetime

from sqlalchemy import select

from booking.adaptive.models import ProposalStatus, SpacingOrder, SpacingProposal
from booking.adaptive.operations import DECIDE, PROPOSAL, SUBJECT, close_proposal
from booking.adaptive.queries import (
    count_decided,
    find_open_proposal,
    find_order,
    get_rule,
    list_answered_forms,
    list_open_proposals,
    list_series_to_consider,
    newest_answer,
    read_score,
)
from booking.adaptive.rules import SpacingSuggestion, suggest_spacing
from booking.audit import operations as audit
from booking.db.each import run_each
from booking.db.transactions import transaction
from booking.extensions import db
from booking.mood.models import MoodForm
from booking.series.completion import due_at
from booking.series.frequencies import nearest_frequency_days
from booking.series.models import InfusionSeries
from booking.series.progress import SeriesStatus
from booking.series.queries import get_phases
from booking.series.revisions import is_rolling
from booking.tasks import operations as tasks
from booking.tasks.models import Owner

ACTOR = "scheduler"


def propose_spacing(now: datetime) -> int:
    """Apply each rule to answers that are new; return of how many series. A failure stops nobody else's.

    What is proposed stays a practitioner's task until it is decided, though it be closed by hand.
    """
    series_ids = list_series_to_consider()
    count = run_each(
        series_ids, lambda series_id: consider_scores(series_id, now), "spacing_failed"
    )
    proposals = dict(list_open_proposals())
    run_each(proposals, lambda each: _ask_again(each, proposals[each], now), "spacing_not_asked")
    return count


@transaction()
def consider_scores(series_id: int, now: datetime) -> bool:
    """Apply a series' rule to its scores as they are now; False when another scheduler is at it."""
    series = _lock_series(series_id)
    order = find_order(series_id) if series else None
    if series is None or order is None:
        return False
    forms = list_answered_forms(series_id)
    order.considered_until = newest_answer(forms) or now
    suggestion = _suggest(series, order, forms) if is_rolling(series) else None
    proposal = find_open_proposal(series_id)
    if proposal is not None and (suggestion is None or proposal.to_days != suggestion.to_days):
        close_proposal(series_id, now)
        proposal = None
    if suggestion is not None and proposal is None:
        _propose(series, order, forms[-1], suggestion, now)
    return True


def _lock_series(series_id: int) -> InfusionSeries | None:
    rows = select(InfusionSeries).filter_by(id=series_id).with_for_update(skip_locked=True)
    return db.session.scalar(rows)


def _suggest(
    series: InfusionSeries, order: SpacingOrder, forms: list[MoodForm]
) -> SpacingSuggestion | None:
    return suggest_spacing(
        get_rule(order),
        nearest_frequency_days(get_phases(series)[-1].gap),
        [read_score(form) for form in forms],
        count_decided(order, forms),
    )


def _propose(
    series: InfusionSeries,
    order: SpacingOrder,
    form: MoodForm,
    suggestion: SpacingSuggestion,
    now: datetime,
) -> None:
    proposal = SpacingProposal(
        series_id=series.id, order_id=order.id, form_id=form.id, from_days=suggestion.from_days,
        to_days=suggestion.to_days, status=ProposalStatus.OPEN, proposed_at=now,
    )  # fmt: skip
    db.session.add(proposal)
    db.session.flush()
    _ask(series, now)
    audit.record(
        ACTOR, "propose_spacing", PROPOSAL, proposal.id, now,
        series=series.id, to_days=suggestion.to_days,
    )  # fmt: skip


def _ask(series: InfusionSeries, now: datetime) -> None:
    tasks.open_task(DECIDE, Owner.PRACTITIONER, SUBJECT, series.id, due_at(series, now), now)


@transaction()
def _ask_again(series_id: int, status: SeriesStatus, now: datetime) -> None:
    """Keep a proposal somebody's task; take it back where its series is over."""
    if status is not SeriesStatus.ACTIVE:
        close_proposal(series_id, now)
    elif tasks.find_open_task(DECIDE, SUBJECT, series_id) is None:
        _ask(db.session.get_one(InfusionSeries, series_id), now)
