"""What was decided about a series beside its phases and pauses: kept with who, when and why."""

from datetime import datetime

from sqlalchemy import select

from booking.extensions import db
from booking.series.models import InfusionSeries, SeriesDecision
from booking.series.progress import DecisionKind
from booking.staff import operations as staff


def record_decision(
    series: InfusionSeries,
    kind: DecisionKind,
    actor: str,
    reason: str,
    now: datetime,
    **details: int | str | None,
) -> None:
    """Keep a decision, in the caller's transaction; `details` are facts about it, without names."""
    db.session.add(
        SeriesDecision(
            series_id=series.id,
            kind=kind,
            decided_by_id=staff.find_staff_id(actor),
            decided_at=now,
            reason=reason,
            details={key: value for key, value in details.items() if value is not None},
        )
    )


def list_decisions(series_id: int) -> list[SeriesDecision]:
    """Return the decisions about a series, the oldest first."""
    rows = select(SeriesDecision).filter_by(series_id=series_id).order_by(SeriesDecision.id)
    return list(db.session.scalars(rows))
