"""Setting a rule for a series' spacing, and deciding what it proposes: each a practitioner's."""

from datetime import date, datetime

from booking.adaptive.models import ProposalStatus, SpacingOrder, SpacingProposal
from booking.adaptive.queries import find_open_proposal, find_order
from booking.adaptive.rules import SpacingRule
from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.mood.queries import find_schedule
from booking.series.frequency_changes import change_frequency
from booking.series.models import InfusionSeries
from booking.series.progress import SeriesStatus
from booking.series.refusals import InvalidChange, SeriesNotPending
from booking.series.revisions import is_rolling
from booking.series.session_changes import require_practitioner
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind

ORDER, PROPOSAL = "spacing_order", "spacing_proposal"
DECIDE, SUBJECT = TaskKind.DECIDE_SPACING, "infusion_series"


@transaction()
def set_rule(
    series_id: int, rule: SpacingRule, staff_id: int, now: datetime, *, reason: str
) -> None:
    """Set the rule by which a series' spacing is proposed; the one before ends, and what it proposed.

    Raises `PractitionerRequired`, `SeriesNotPending`, and `InvalidChange` where the last phase ends or no
    forms are asked for.
    """
    require_practitioner(staff_id)
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    if series.status is not SeriesStatus.ACTIVE:
        raise SeriesNotPending
    if not is_rolling(series):
        raise InvalidChange("not_open_ended")
    if find_schedule(series_id) is None:
        raise InvalidChange("forms_off")
    _end_order(series_id, staff_id, now)
    order = SpacingOrder(
        series_id=series_id, rule=rule.to_dict(), reason=reason, ordered_by_id=staff_id,
        ordered_at=now, considered_until=now,
    )  # fmt: skip
    db.session.add(order)
    db.session.flush()
    audit.record(staff_actor(staff_id), "set_spacing_rule", ORDER, order.id, now, series=series_id)


@transaction()
def end_rule(series_id: int, staff_id: int, now: datetime) -> None:
    """Propose nothing more for a series; what is proposed is taken back. Twice changes nothing.

    Raises `PractitionerRequired`.
    """
    require_practitioner(staff_id)
    db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    _end_order(series_id, staff_id, now)


def _end_order(series_id: int, staff_id: int, now: datetime) -> None:
    order = find_order(series_id)
    if order is None:
        return
    close_proposal(series_id, now)
    order.ended_at, order.ended_by_id = now, staff_id
    db.session.flush()
    audit.record(staff_actor(staff_id), "end_spacing_rule", ORDER, order.id, now, series=series_id)


def close_proposal(series_id: int, now: datetime) -> None:
    """Take back what is proposed for a series, in the caller's transaction: it no longer holds."""
    if proposal := find_open_proposal(series_id):
        proposal.status = ProposalStatus.OUTDATED
        db.session.flush()
    tasks.close_fulfilled_task(DECIDE, SUBJECT, series_id, now)


@transaction()
def apply_proposal(
    series_id: int, first_day: date, staff_id: int, now: datetime, *, reason: str, expected_key: str
) -> None:
    """Change the frequency as proposed, from a local day on, as it was shown (`Tail.key`).

    Raises what `change_frequency` raises, and `InvalidChange` where nothing is proposed.
    """
    proposal = _lock_proposal(series_id, staff_id)
    change_frequency(
        series_id, proposal.to_days, first_day, staff_id, now,
        reason=reason, expected_key=expected_key,
    )  # fmt: skip
    _decide(proposal, ProposalStatus.APPLIED, staff_id, now, reason)


@transaction()
def decline_proposal(series_id: int, staff_id: int, now: datetime, *, reason: str) -> None:
    """Leave the spacing as it is; the next proposal needs new scores.

    Raises `PractitionerRequired`, `InvalidChange` where nothing is proposed.
    """
    _decide(_lock_proposal(series_id, staff_id), ProposalStatus.DECLINED, staff_id, now, reason)


def _lock_proposal(series_id: int, staff_id: int) -> SpacingProposal:
    require_practitioner(staff_id)
    db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    proposal = find_open_proposal(series_id)
    if proposal is None:
        raise InvalidChange("nothing_proposed")
    return proposal


def _decide(
    proposal: SpacingProposal, status: ProposalStatus, staff_id: int, now: datetime, reason: str
) -> None:
    proposal.status, proposal.decided_by_id, proposal.decided_at = status, staff_id, now
    proposal.reason = reason
    tasks.finish_task_about(DECIDE, SUBJECT, proposal.series_id, staff_id, reason, now)
    audit.record(
        staff_actor(staff_id), f"{'apply' if status is ProposalStatus.APPLIED else 'decline'}_spacing",
        PROPOSAL, proposal.id, now, series=proposal.series_id, to_days=proposal.to_days,
    )  # fmt: skip
