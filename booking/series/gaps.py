"""Keeping a series' gaps: breaking one is a practitioner's to allow, and asks for a reason."""

from collections.abc import Sequence
from datetime import datetime

from booking.appointments.guards import ChangeRefused
from booking.audit import operations as audit
from booking.extensions import db
from booking.series.models import InfusionSeries, Session
from booking.series.reading import held, phases_of, sessions_of
from booking.series.rules import GapProblem, Held, new_problems
from booking.staff import operations as staff
from booking.staff.models import Role


def standing_beside(session: Session) -> list[Held]:
    """Return the sessions of the same series that stand, this one too if it does."""
    return held(sessions_of(session.series_id))


def require_gaps(
    session: Session, changed: Sequence[Held], actor: str, reason: str, now: datetime
) -> None:
    """Let the sessions stand as in `changed`, or raise `ChangeRefused` for the first gap that breaks.

    A practitioner who gives a reason may go on; that they did is in the audit trail (invariant 6).
    """
    series = db.session.get_one(InfusionSeries, session.series_id)
    problems = new_problems(phases_of(series), standing_beside(session), changed)
    if not problems:
        return
    may_allow = staff.role_of(actor) is Role.PRACTITIONER
    if not (may_allow and reason):
        raise _refusal(problems[0], may_allow)
    audit.record(actor, "override_gap", "session", session.id, now, days=problems[0].days)


def _refusal(problem: GapProblem, may_allow: bool) -> ChangeRefused:
    return ChangeRefused(
        problem.rule,
        reason_helps=may_allow,
        days=problem.days,
        least=problem.allowed.least,
        most=problem.allowed.most,
        before=problem.before.number,
        after=problem.after.number,
    )
