"""Writing down what became of attempts, many in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, String, Update, bindparam, case, update
from sqlalchemy.types import TypeEngine

from booking.db.statements import table_of
from booking.db.transactions import UtcDateTime, transaction
from booking.extensions import db
from booking.messaging import opt_outs
from booking.messaging.models import Attempt, Message
from booking.messaging.provider_rules import OPTED_OUT_CODE
from booking.messaging.rules import AttemptOutcome, MessageStatus, retry_delay

ASK_AFTER = timedelta(seconds=30)  # what the provider took in late has to be there when it is asked


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """How attempt `number` at a message ended, at `at` (UTC); the provider rests for `retry_after`."""

    message_id: int
    number: int
    recipient: str
    at: datetime
    outcome: AttemptOutcome
    provider_id: str | None = None
    error_code: str | None = None
    retry_after: timedelta = timedelta(0)


@transaction()
def record_results(results: Sequence[AttemptResult]) -> None:
    """Record what became of attempts. A message that a callback settled meanwhile stays as it is."""
    _change_each(_finish(), [_row(result) for result in results])
    for outcome, change in _changes().items():
        _change_each(change, [_row(result) for result in results if result.outcome is outcome])
    for result in results:
        if result.error_code == OPTED_OUT_CODE:
            opt_outs.record_opt_out(result.recipient, opt_outs.PROVIDER, result.at)


def _change_each(change: Update, rows: Sequence[dict[str, object]]) -> None:
    if rows:
        db.session.connection().execute(change, rows)


ROW: Mapping[str, TypeEngine[Any]] = {
    "message": Integer(),
    "try": Integer(),
    "ended": UtcDateTime(),
    "result": String(),
    "provider": String(),
    "code": String(),
    "later": UtcDateTime(),
}


def _row(result: AttemptResult) -> dict[str, object]:
    times = {
        AttemptOutcome.POSTPONED: result.at + max(retry_delay(result.number), result.retry_after),
        AttemptOutcome.AMBIGUOUS: result.at + max(ASK_AFTER, result.retry_after),
    }
    return {
        "message": result.message_id,
        "try": result.number,
        "ended": result.at,
        "result": result.outcome.value,
        "provider": result.provider_id,
        "code": result.error_code,
        "later": times.get(result.outcome),
    }


@cache
def _finish() -> Update:
    """Return the change of an attempt that nobody has recorded the end of."""
    row = {name: bindparam(name, type_=kind) for name, kind in ROW.items()}
    this_one = (Attempt.message_id == row["message"]) & (Attempt.number == row["try"])
    return (
        update(table_of(Attempt))
        .where(this_one, Attempt.outcome.is_(None))
        .values(
            finished_at=row["ended"],
            outcome=row["result"],
            provider_id=row["provider"],
            error_code=row["code"],
        )
    )


@cache
def _changes() -> dict[AttemptOutcome, Update]:
    """Return the change of a message that is ours still, by how its attempt ended."""
    row = {name: bindparam(name, type_=kind) for name, kind in ROW.items()}
    same_try = (Message.id == row["message"]) & (Message.tries == row["try"])
    change = update(table_of(Message)).where(same_try, Message.status == MessageStatus.SENDING)
    finished = change.values(claimed_until=None)
    next_status = case(
        (Message.retired_at.is_not(None), MessageStatus.RETIRED), else_=MessageStatus.PLANNED
    )
    return {
        AttemptOutcome.ACCEPTED: finished.values(
            status=MessageStatus.SENT,
            provider_id=row["provider"],
            sent_at=row["ended"],
            error_code=None,
        ),
        AttemptOutcome.REFUSED: finished.values(
            status=MessageStatus.FAILED, failed_at=row["ended"], error_code=row["code"]
        ),
        AttemptOutcome.POSTPONED: finished.values(
            status=next_status, send_at=row["later"], error_code=row["code"]
        ),
        AttemptOutcome.AMBIGUOUS: change.values(
            claimed_by=None, claimed_until=row["later"], error_code=row["code"]
        ),
    }
