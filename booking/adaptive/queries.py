"""Reading rules in force, what they proposed, and the scores that they are applied to."""

from datetime import datetime

from sqlalchemy import exists, func, select

from booking.adaptive.models import ProposalStatus, SpacingOrder, SpacingProposal
from booking.adaptive.rules import Score, SpacingRule
from booking.extensions import db
from booking.mood.models import MoodForm
from booking.mood.queries import list_forms
from booking.mood.rules import says_danger
from booking.series.models import InfusionSeries
from booking.series.progress import SeriesStatus
from booking.series.revisions import list_revisions


def find_order(series_id: int) -> SpacingOrder | None:
    """Return the rule in force for a series."""
    return db.session.scalar(select(SpacingOrder).filter_by(series_id=series_id, ended_at=None))


def list_orders(series_id: int) -> list[SpacingOrder]:
    """Return all rules that a series had, the oldest first."""
    rows = select(SpacingOrder).filter_by(series_id=series_id).order_by(SpacingOrder.id)
    return list(db.session.scalars(rows))


def get_rule(order: SpacingOrder) -> SpacingRule:
    """Return an order's rule."""
    return SpacingRule.from_dict(order.rule)


def find_open_proposal(series_id: int) -> SpacingProposal | None:
    """Return the proposal that waits for a decision about a series."""
    return db.session.scalar(
        select(SpacingProposal).filter_by(series_id=series_id, status=ProposalStatus.OPEN)
    )


def list_proposals(series_id: int) -> list[SpacingProposal]:
    """Return all proposals for a series, the newest first."""
    rows = select(SpacingProposal).filter_by(series_id=series_id)
    return list(db.session.scalars(rows.order_by(SpacingProposal.id.desc())))


def list_answered_forms(series_id: int) -> list[MoodForm]:
    """Return the answered forms of a series in the order of their answers."""
    answered = [form for form in list_forms(series_id) if form.answered_at is not None]
    return sorted(answered, key=lambda form: (str(form.answered_at), form.id))


def read_score(form: MoodForm) -> Score:
    """Return an answered form's score."""
    return Score(form.score or 0, says_danger(form.answers or ()))


def count_decided(order: SpacingOrder, forms: list[MoodForm]) -> int:
    """Return how many of a series' answered forms came before its spacing was last decided on.

    That is when the rule was set, a proposal decided, or the frequency changed by hand.
    """
    decided = select(func.max(SpacingProposal.decided_at)).filter_by(series_id=order.series_id)
    revised = [revision.revised_at for revision in list_revisions(order.series_id)]
    instants = [order.ordered_at, db.session.scalar(decided), *revised]
    since = max(instant for instant in instants if instant is not None)
    return sum(form.answered_at is not None and form.answered_at <= since for form in forms)


def list_series_to_consider() -> list[int]:
    """Return the ids of series that go on whose rule has not been applied to their newest answers."""
    newer = exists().where(
        MoodForm.series_id == SpacingOrder.series_id,
        MoodForm.answered_at > SpacingOrder.considered_until,
    )
    rows = (
        select(SpacingOrder.series_id)
        .join(InfusionSeries, InfusionSeries.id == SpacingOrder.series_id)
        .where(SpacingOrder.ended_at.is_(None), InfusionSeries.status == SeriesStatus.ACTIVE, newer)
    )
    return list(db.session.scalars(rows.order_by(SpacingOrder.series_id)))


def list_open_proposals() -> list[tuple[int, SeriesStatus]]:
    """Return the series of open proposals, each with its status."""
    rows = (
        select(SpacingProposal.series_id, InfusionSeries.status)
        .join(InfusionSeries, InfusionSeries.id == SpacingProposal.series_id)
        .where(SpacingProposal.status == ProposalStatus.OPEN)
    )
    return [(row.series_id, row.status) for row in db.session.execute(rows)]


def newest_answer(forms: list[MoodForm]) -> datetime | None:
    """Return when the newest of some answered forms was answered."""
    return forms[-1].answered_at if forms else None
