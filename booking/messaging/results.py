"""Writing down what became of attempts, many in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, bindparam, case, update

from booking.db import transaction
from booking.extensions import db
from booking.messaging import opt_outs
from booking.messaging.models import Attempt, Message
from booking.messaging.rules import OPTED_OUT_CODE, AttemptOutcome, Status, pause_after

ASK_AFTER = timedelta(seconds=30)  # what the provider took in late has to be there when it is asked


@dataclass(frozen=True, slots=True)
class Result:
    """How attempt `number` at a message ended, at `at` (UTC)."""

    message_id: int
    number: int
    recipient: str
    at: datetime
    outcome: AttemptOutcome
    provider_id: str | None = None
    error_code: str | None = None


@transaction()
def record_results(results: Sequence[Result]) -> None:
    """Record what became of attempts. A message that a callback settled meanwhile stays as it is.

    Rows are written in order of id, so that two workers never wait for each other in a circle.
    """
    ordered = sorted(results, key=lambda result: result.message_id)
    db.session.connection().execute(FINISH_ATTEMPT, [_attempt_row(result) for result in ordered])
    for outcome, statement in STATEMENTS.items():
        rows = [_message_row(result) for result in ordered if result.outcome is outcome]
        if rows:
            db.session.connection().execute(statement, rows)
    for result in ordered:
        if result.error_code == OPTED_OUT_CODE:
            opt_outs.opt_out(result.recipient, opt_outs.PROVIDER, result.at)


def _attempt_row(result: Result) -> dict[str, object]:
    return {
        "b_id": result.message_id,
        "b_number": result.number,
        "b_at": result.at,
        "b_outcome": result.outcome,
        "b_provider_id": result.provider_id,
        "b_code": result.error_code,
    }


def _message_row(result: Result) -> dict[str, object]:
    later = {
        AttemptOutcome.POSTPONED: result.at + pause_after(result.number),
        AttemptOutcome.AMBIGUOUS: result.at + ASK_AFTER,
    }
    return {**_attempt_row(result), "b_later": later.get(result.outcome, result.at)}


FINISH_ATTEMPT = (
    update(Attempt.__table__)  # type: ignore[arg-type]  # a mapped class's table is a Table
    .where(
        Attempt.message_id == bindparam("b_id"),
        Attempt.number == bindparam("b_number"),
        Attempt.outcome.is_(None),
    )
    .values(
        finished_at=bindparam("b_at"),
        outcome=bindparam("b_outcome"),
        provider_id=bindparam("b_provider_id"),
        error_code=bindparam("b_code"),
    )
)


def _where_still_ours() -> Update:
    return update(Message.__table__).where(  # type: ignore[arg-type]  # as above
        Message.id == bindparam("b_id"),
        Message.tries == bindparam("b_number"),
        Message.status == Status.SENDING,
    )


AGAIN = case((Message.retired_at.is_not(None), Status.RETIRED.value), else_=Status.PLANNED.value)
STATEMENTS: dict[AttemptOutcome, Update] = {
    AttemptOutcome.ACCEPTED: _where_still_ours().values(
        status=Status.SENT,
        provider_id=bindparam("b_provider_id"),
        sent_at=bindparam("b_at"),
        error_code=None,
        claimed_until=None,
    ),
    AttemptOutcome.REFUSED: _where_still_ours().values(
        status=Status.FAILED,
        failed_at=bindparam("b_at"),
        error_code=bindparam("b_code"),
        claimed_until=None,
    ),
    AttemptOutcome.POSTPONED: _where_still_ours().values(
        status=AGAIN,
        send_at=bindparam("b_later"),
        error_code=bindparam("b_code"),
        claimed_until=None,
    ),
    AttemptOutcome.AMBIGUOUS: _where_still_ours().values(
        claimed_by=None,
        claimed_until=bindparam("b_later"),
        error_code=bindparam("b_code"),
    ),
}
