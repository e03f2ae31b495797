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
    session: Session, changed: Sequence[StandingSession], actor: str, reason: str, now: datetime
) -> None:
    """Let the sessions stand as in `changed`, or raise `ChangeRefused` for the first gap that breaks.

    A practitioner who gives a reason may go on; that they did is in the audit trail.
    """
    series = db.session.get_one(InfusionSeries, session.series_id)
    phases, standing = get_phases(series), standing_sessions(session)
    others = list_other_infusions(series.patient_id, series.id)
    close = find_newly_too_close(_infusions(standing, phases), _infusions(changed, phases), others)
    problems: list[GapViolation | InfusionsTooClose] = [
        *find_new_gap_violations(phases, standing, changed),
        *close,
    ]
    if problems:
        _require_reason(problems[0], actor, reason)
        audit.record(actor, "override_gap", "session", session.id, now, days=problems[0].days)


def _infusions(sessions: Sequence[StandingSession], phases: Sequence[Phase]) -> list[Infusion]:
    return [Infusion(one.number, one.day, phases[one.phase].gap) for one in sessions]


def require_infusion_distance(
    patient_id: int,
    day: date,
    actor: str,
    reason: str,
    now: datetime,
    moved: Appointment | None = None,
) -> None:
    """Let an infusion that no series has take place on local `day`, or raise `ChangeRefused`.

    It keeps away from sessions of the person's series. `moved` is the one that moves there, if it stands.
    """
    here = Infusion(moved.id if moved else 0, day, None)
    others = [one for one in list_other_infusions(patient_id) if one.key != here.key]
    before = [replace(here, day=moved.local_date)] if moved else []
    close = find_newly_too_close(before, [here], others)
    if close:
        _require_reason(close[0], actor, reason)
        subject = ("appointment", moved.id) if moved else ("patient", patient_id)
        audit.record(actor, "override_gap", *subject, now, days=close[0].days)


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
        before=problem.before.number,
        after=problem.after.number,
    )
