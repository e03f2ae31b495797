"""Keeping gaps: breaking one is a practitioner's to allow, and asks for a reason (invariant 6).

A series' own sessions keep its gaps, and keep away from all other infusions of the same person.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from booking.appointments.guards import ChangeRefused
from booking.appointments.models import Appointment
from booking.audit import operations as audit
from booking.extensions import db
from booking.series.gap_rules import GapViolation, StandingSession, find_new_gap_violations
from booking.series.models import InfusionSeries, Session
from booking.series.queries import (
    get_phases,
    list_other_infusions,
    list_sessions,
    list_standing_sessions,
)
from booking.series.rules import Phase
from booking.series.spacing import Infusion, InfusionsTooClose, find_newly_too_close
from booking.staff import operations as staff
from booking.staff.models import Role


def standing_sessions(session: Session) -> list[StandingSession]:
    """Return the sessions of the same series that stand, this one too if it does."""
    return list_standing_sessions(list_sessions(session.series_id))


def require_gaps_kept(
    session: Session,
    changed_sessions: Sequence[StandingSession],
    actor: str,
    reason: str,
    now: datetime,
) -> None:
    """Raise `ChangeRefused` for the first gap that breaks with the sessions as in `changed_sessions`.

    A practitioner who gives a reason may go on; that they did is in the audit trail.
    """
    series = db.session.get_one(InfusionSeries, session.series_id)
    phases, sessions = get_phases(series), standing_sessions(session)
    other_infusions = list_other_infusions(series.patient_id, series.id)
    too_close = find_newly_too_close(
        _infusions(sessions, phases), _infusions(changed_sessions, phases), other_infusions
    )
    problems: list[GapViolation | InfusionsTooClose] = [
        *find_new_gap_violations(phases, sessions, changed_sessions),
        *too_close,
    ]
    if problems:
        _require_reason(problems[0], actor, reason)
        audit.record(actor, "override_gap", "session", session.id, now, days=problems[0].days)


def _infusions(sessions: Sequence[StandingSession], phases: Sequence[Phase]) -> list[Infusion]:
    return [
        Infusion(session.number, session.day, phases[session.phase].gap) for session in sessions
    ]


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
    infusion = Infusion(moved_appointment.id if moved_appointment else 0, day, None)
    other_infusions = [
        other for other in list_other_infusions(patient_id) if other.key != infusion.key
    ]
    infusions_before = (
        [replace(infusion, day=moved_appointment.local_date)] if moved_appointment else []
    )
    too_close = find_newly_too_close(infusions_before, [infusion], other_infusions)
    if too_close:
        _require_reason(too_close[0], actor, reason)
        subject = (
            ("appointment", moved_appointment.id) if moved_appointment else ("patient", patient_id)
        )
        audit.record(actor, "override_gap", *subject, now, days=too_close[0].days)


def _require_reason(problem: GapViolation | InfusionsTooClose, actor: str, reason: str) -> None:
    may_allow = staff.find_role(actor) is Role.PRACTITIONER
    if not (may_allow and reason):
        raise _refusal(problem, may_allow)


def _refusal(problem: GapViolation | InfusionsTooClose, may_allow: bool) -> ChangeRefused:
    if isinstance(problem, InfusionsTooClose):
        return ChangeRefused(
            "infusion_too_close",
            reason_helps=may_allow,
            days=problem.days,
            least=problem.min_days,
            other_day=problem.second.day.isoformat(),
        )
    return ChangeRefused(
        problem.rule,
        reason_helps=may_allow,
        days=problem.days,
        least=problem.allowed.min_days,
        most=problem.allowed.max_days,
        before=problem.earlier.number,
        after=problem.later.number,
    )
