"""Series as a practitioner prescribes and books them, in the database."""

from sqlalchemy import func, select

from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.series import operations as series_operations
from booking.series.booking import SessionStart
from booking.series.models import InfusionSeries, ScheduleTemplate
from booking.series.preferences import Preferences
from booking.series.proposals import PlanProposal, propose_plans
from booking.series.queries import list_sessions
from booking.series.rules import Gap, Phase
from booking.tasks.models import Task, TaskKind
from tests.builders import NOW, TOMORROW, Clinic, a_patient
from tests.written_once import written_once

TWICE, WEEKLY = Gap(2, 3, 4, 5), Gap(5, 7, 7, 9)
RECOMMENDED = (
    Phase("Twice a week", 6, TWICE, 15, 45, 30),
    Phase("Weekly", None, WEEKLY, 15, 45, 30, 4),
)
SIX = RECOMMENDED[:1]


@written_once
def a_template(phases: tuple[Phase, ...] = RECOMMENDED) -> ScheduleTemplate:
    """Make a schedule template."""
    with transaction():
        template = ScheduleTemplate(
            slug="recommended", version=1, digest="0" * 64, approved_by="Test", position=0,
            data={
                "slug": "recommended", "names": {"en": "Recommended"}, "version": 1,
                "approved_by": "Test", "phases": [p.to_dict() for p in phases],
            },
            created_at=NOW,
        )  # fmt: skip
        db.session.add(template)
    return template


@written_once
def a_series(
    clinic: Clinic, phases: tuple[Phase, ...] = SIX, patient: Patient | None = None
) -> InfusionSeries:
    """Prescribe a series from tomorrow on."""
    return series_operations.prescribe_series(
        patient or a_patient(clinic), a_template(phases).id, phases, Preferences(), "ahwatukee",
        TOMORROW, clinic.practitioner.id, NOW,
    )  # fmt: skip


def starts(proposal: PlanProposal, which: int = 0) -> list[SessionStart]:
    """Return one plan's starts."""
    return [
        SessionStart(session.planned.slot.location, session.starts_at)
        for session in proposal.plans[which].sessions
    ]


@written_once
def a_booked_series(clinic: Clinic, phases: tuple[Phase, ...] = SIX) -> InfusionSeries:
    """Prescribe a series and book the best plan for it."""
    series = a_series(clinic, phases)
    return series_operations.book_plan(
        series.id, starts(propose_plans(series, NOW)), NOW, "staff:1"
    )


def doctor(clinic: Clinic) -> str:
    """Return the practitioner as the audit trail names them."""
    return f"staff:{clinic.practitioner.id}"


def appointments(series: InfusionSeries) -> list[Appointment]:
    """Return a series' appointments in order."""
    return [session.appointment for session in list_sessions(series.id) if session.appointment]


def count(table: type) -> int:
    """Return how many rows there are."""
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def tasks_of(kind: TaskKind) -> list[Task]:
    """Return the open tasks of a kind."""
    return list(db.session.scalars(select(Task).where(Task.kind == kind, Task.done_at.is_(None))))
