"""How a series goes on after a pause: where it was, with a phase once more, or not at all.

Nothing restarts by itself: a practitioner decides, and sees first which visits stay and which are new.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.calendars import availability
from booking.dates import latest_plannable_date
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.continuations import read_continued
from booking.series.endings import stop_series
from booking.series.models import InfusionSeries, SeriesPause
from booking.series.pause_queries import find_undecided_pause
from booking.series.progress import PauseDecision, SeriesStatus
from booking.series.refusals import InvalidChange, SeriesNotPending
from booking.series.resumption_plans import ContinuedSeries, plan_continued_tail
from booking.series.session_changes import require_practitioner
from booking.series.tails import Tail, apply_tail, require_shown
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Resumption:
    """From which local day a series goes on, with which phase (an index) once more; None: where it was."""

    first_day: date
    repeats: int | None = None


def preview_resumption(series: InfusionSeries, resumption: Resumption, now: datetime) -> Tail:
    """Return how a paused series would go on; nothing changes.

    Raises `SeriesNotPending`, `InvalidChange`, `UnknownSlug`.
    """
    return plan_continued_tail(_read_paused(series, resumption, now), now)


def _read_paused(series: InfusionSeries, resumption: Resumption, now: datetime) -> ContinuedSeries:
    pause = _require_paused(series)
    _require_possible_day(series, resumption.first_day, now)
    return read_continued(
        series,
        resumption.first_day,
        min(pause.first_day, resumption.first_day),
        resumption.repeats,
        now,
        resumes=True,
    )


def _require_paused(series: InfusionSeries) -> SeriesPause:
    if series.status is not SeriesStatus.ACTIVE:
        raise SeriesNotPending
    pause = find_undecided_pause(series.id)
    if pause is None:
        raise InvalidChange("not_paused")
    return pause


def _require_possible_day(series: InfusionSeries, first_day: date, now: datetime) -> None:
    zone = availability.current_catalogue().locations_by_id[series.location_id].zone
    today = now.astimezone(zone).date()
    last_day = min(latest_plannable_date(today), series.last_day or date.max)
    if not today <= first_day <= last_day:
        raise InvalidChange("first_day")


@transaction()
def resume_series(
    series_id: int,
    resumption: Resumption,
    staff_id: int,
    now: datetime,
    *,
    reason: str,
    expected_key: str,
) -> None:
    """Let a paused series go on, as it was shown (`Tail.key`): the decision after the pause.

    Raises `PractitionerRequired`, `SeriesNotPending`, `InvalidChange`, `PlanChanged`, `UnknownSlug`,
    `SlotTaken`, `PatientBusy`, `NotCleared`.
    """
    require_practitioner(staff_id)
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    tail = preview_resumption(series, resumption, now)
    require_shown(tail, expected_key)
    decision = PauseDecision.GO_ON if resumption.repeats is None else PauseDecision.REPEAT
    pause = _require_paused(series)
    pause.last_day = resumption.first_day - A_DAY
    _decide(pause, decision, staff_id, reason, now)
    apply_tail(series, tail, staff_id, now, reason=reason, first_day=resumption.first_day)
    audit.record(
        staff_actor(staff_id), "resume_series", "infusion_series", series.id, now,
        first_day=resumption.first_day.isoformat(), decision=decision.value,
    )  # fmt: skip


@transaction()
def end_paused_series(series_id: int, staff_id: int, now: datetime, *, reason: str) -> None:
    """Decide that a paused series goes on no more: it is stopped.

    Raises `PractitionerRequired`, `SeriesNotPending`, `InvalidChange`.
    """
    require_practitioner(staff_id)
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    _decide(_require_paused(series), PauseDecision.END, staff_id, reason, now)
    stop_series(series.id, now, staff_actor(staff_id), reason=reason)


def _decide(
    pause: SeriesPause, decision: PauseDecision, staff_id: int, reason: str, now: datetime
) -> None:
    pause.decision, pause.decided_by_id, pause.decided_at = decision, staff_id, now
    pause.decision_reason = reason
    db.session.flush()
    tasks.finish_task_about(
        TaskKind.DECIDE_PAUSED, "infusion_series", pause.series_id, staff_id, reason, now
    )
