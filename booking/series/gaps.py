"""Keeping gaps: breaking one is a practitioner's to allow, and asks for a reason (invariant 6).

A series' own sessions keep its gaps, and keep away from all other infusions of the same person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select

from booking.appointments.guards import ChangeRefused
from booking.appointments.models import Appointment
from booking.audit import operations as audit
from booking.calendars.ruled_days import Blocker
from booking.extensions import db
from booking.series.gap_blockers import GapProblem, describe_gap_problem
from booking.series.gap_rules import (
    GapViolation,
    StandingSession,
    list_gaps_let_stand,
    list_new_gap_violations,
)
from booking.series.models import InfusionSeries, Session
from booking.series.pause_queries import list_pause_days
from booking.series.queries import (
    get_phases,
    list_other_infusions,
    list_sessions,
    list_standing_sessions,
)
from booking.series.rules import Phase
from booking.series.spacing import Infusion, InfusionsTooClose, list_newly_too_close
from booking.series.span_rules import OutsideSpan, SeriesSpan
from booking.staff import operations as staff
from booking.staff.models import Role


@dataclass(frozen=True, slots=True)
class SeriesGaps:
    """What decides which changes of a series' sessions keep its gaps, as it stands."""

    phases: Sequence[Phase]
    sessions: Sequence[StandingSession]
    other_infusions: Sequence[Infusion]
    span: SeriesSpan

    def list_gap_problems(self, changed_sessions: Sequence[StandingSession]) -> list[GapProblem]:
        """Return what is wrong with the sessions as changed, and was not so before."""
        too_close = list_newly_too_close(
            self._infusions(self.sessions), self._infusions(changed_sessions), self.other_infusions
        )
        return [
            *list_new_gap_violations(self.phases, self.sessions, changed_sessions),
            *too_close,
            *self.span.list_new_problems(self.sessions, changed_sessions),
        ]

    def with_session_placed(self, session: Session, day: date) -> list[StandingSession]:
        """Return the sessions as they stand if one without a time stood on a local day."""
        return [*self.sessions, StandingSession(session.number, session.phase, day)]

    def list_placing_problems(self, session: Session, day: date) -> list[GapProblem]:
        """Return what would be wrong if a session without a time stood on a local day."""
        return self.list_gap_problems(self.with_session_placed(session, day))

    def _infusions(self, sessions: Sequence[StandingSession]) -> list[Infusion]:
        return [
            Infusion(session.number, session.day, self.phases[session.phase].gap)
            for session in sessions
        ]


def read_series_gaps(session: Session) -> SeriesGaps:
    """Read what decides about changes of a session: its series' standing sessions and other infusions."""
    series = db.session.get_one(InfusionSeries, session.series_id)
    return SeriesGaps(
        get_phases(series),
        list_standing_sessions(list_sessions(series.id)),
        list_other_infusions(series.patient_id, series.id),
        SeriesSpan(series.first_day, series.last_day, list_pause_days(series.id)),
    )


def require_gaps_kept(
    session: Session,
    gaps: SeriesGaps,
    changed_sessions: Sequence[StandingSession],
    actor: str,
    reason: str,
    now: datetime,
) -> None:
    """Raise `ChangeRefused` for the first of the problems that a change of a session has.

    A practitioner who gives a reason may go on; that they did is in the audit trail. What one has let stand
    before, and the change makes no worse, needs no other reason.
    """
    problems = gaps.list_gap_problems(changed_sessions)
    if problems:
        _require_reason(problems[0], actor, reason)
        days = [problem.days for problem in problems if not isinstance(problem, OutsideSpan)]
        facts = {"days": days[0]} if days else {}
        audit.record(actor, "override_gap", "session", session.id, now, **facts)
    _keep_allowed_gaps(session.series_id, gaps, changed_sessions, problems)


def _keep_allowed_gaps(
    series_id: int,
    gaps: SeriesGaps,
    changed_sessions: Sequence[StandingSession],
    problems: Sequence[GapProblem],
) -> None:
    """Keep with the later session of each gap how many days are let stand, now or from before."""
    rows = db.session.scalars(select(Session).filter_by(series_id=series_id)).all()
    allowed = {row.number: row.allowed_gap for row in rows if row.allowed_gap is not None}
    days = list_gaps_let_stand(gaps.phases, gaps.sessions, changed_sessions, allowed)
    days |= {each.later.number: each.days for each in problems if isinstance(each, GapViolation)}
    for row in rows:
        row.allowed_gap = days.get(row.number, row.allowed_gap)


def list_distance_blockers(
    appointment: Appointment, dates: Sequence[date]
) -> dict[date, list[Blocker]]:
    """Return which sessions an infusion that no series has would be too close to on some local dates."""
    if appointment.patient_id is None:
        return {}
    infusions = list_other_infusions(appointment.patient_id)
    return {
        day: [
            describe_gap_problem(problem)
            for problem in _list_newly_near(appointment, appointment.id, day, infusions)
        ]
        for day in dates
    }


def require_infusion_distance(
    patient_id: int,
    day: date,
    actor: str,
    reason: str,
    now: datetime,
    moved_appointment: Appointment | None = None,
) -> None:
    """Let an infusion that no series has take place on local `day`, or raise `ChangeRefused`.

    It keeps away from sessions of the person's series. `moved_appointment` is what moves there.
    """
    key = moved_appointment.id if moved_appointment else 0
    too_close = _list_newly_near(moved_appointment, key, day, list_other_infusions(patient_id))
    if too_close:
        _require_reason(too_close[0], actor, reason)
        subject = (
            ("appointment", moved_appointment.id) if moved_appointment else ("patient", patient_id)
        )
        audit.record(actor, "override_gap", *subject, now, days=too_close[0].days)


def _list_newly_near(
    moved_appointment: Appointment | None, key: int, day: date, infusions: Sequence[Infusion]
) -> list[InfusionsTooClose]:
    """Return which infusions an infusion on local `day` is too close to, and was not before it moved."""
    infusion = Infusion(key, day, None)
    others = [other for other in infusions if other.key != key]
    infusions_before = (
        [replace(infusion, day=moved_appointment.local_date)] if moved_appointment else []
    )
    return list_newly_too_close(infusions_before, [infusion], others)


def _require_reason(problem: GapProblem, actor: str, reason: str) -> None:
    may_allow = staff.find_role(actor) is Role.PRACTITIONER
    if not (may_allow and reason):
        blocker = describe_gap_problem(problem)
        raise ChangeRefused(blocker.rule, accepts_reason=may_allow, **blocker.facts)
