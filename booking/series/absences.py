"""Days on which a patient is away: kept, so that nothing is planned there, and visits in them move."""

from datetime import date, datetime

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.absence_queries import list_days
from booking.series.applied_healing import apply_healing
from booking.series.completion import open_series_review
from booking.series.healing import Healing, HealingOrder, HealingWay
from booking.series.models import InfusionSeries, PatientAbsence
from booking.series.reviews import ReviewReason

MAX_ABSENCE_DAYS = 180


def order_for_absence(
    series_id: int, first_day: date, last_day: date, way: HealingWay = HealingWay.REPEAT
) -> HealingOrder:
    """Return what to plan for a patient who is away on local days [first_day, last_day]."""
    return HealingOrder(series_id, way=way, away_days=tuple(list_days(first_day, last_day)))


@transaction()
def record_absence_and_heal(
    order: HealingOrder, key: str, staff_id: int, now: datetime, *, reason: str
) -> Healing:
    """Record an absence, and heal the series as previewed under `key`. Raises as `apply_healing` does."""
    series = db.session.get_one(InfusionSeries, order.series_id, with_for_update=True)
    healing = apply_healing(order, key, now, staff_actor(staff_id), reason=reason)
    _keep_absence(series, order, staff_id, now)
    return healing


@transaction()
def record_absence(order: HealingOrder, staff_id: int, now: datetime) -> None:
    """Keep that a patient is away and ask a practitioner how the series goes on; no visit changes."""
    series = db.session.get_one(InfusionSeries, order.series_id, with_for_update=True)
    _keep_absence(series, order, staff_id, now)
    open_series_review(series, now, ReviewReason.AWAY)


def _keep_absence(
    series: InfusionSeries, order: HealingOrder, staff_id: int, now: datetime
) -> None:
    first_day, last_day = order.away_days[0], order.away_days[-1]
    absence = PatientAbsence(
        patient_id=series.patient_id, first_day=first_day, last_day=last_day,
        recorded_by_id=staff_id, recorded_at=now,
    )  # fmt: skip
    db.session.add(absence)
    db.session.flush()
    audit.record(
        staff_actor(staff_id), "record_absence", "patient_absence", absence.id, now,
        patient=series.patient_id, first_day=first_day.isoformat(), last_day=last_day.isoformat(),
    )  # fmt: skip


@transaction()
def remove_absence(absence_id: int, staff_id: int, now: datetime) -> None:
    """Forget that a patient is away; visits stay where they are. One that is gone already stays so."""
    absence = db.session.get(PatientAbsence, absence_id, with_for_update=True)
    if absence is None:
        return
    db.session.delete(absence)
    audit.record(
        staff_actor(staff_id), "remove_absence", "patient_absence", absence_id, now,
        patient=absence.patient_id,
    )  # fmt: skip
