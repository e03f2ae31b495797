"""The schedule templates that the demo clinic ships: those of the literature, and each can be booked."""

import pytest
from flask import Flask

from booking.clinic.parsing import parse_clinic_file
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.series import operations as series_operations
from booking.series.booking import SessionStart
from booking.series.preferences import Preferences
from booking.series.proposals import propose_plans
from booking.series.queries import list_templates
from booking.series.rules import Phase
from booking.series.templates import Template
from booking.staff.models import Role
from tests.builders import NOW, TOMORROW, a_patient
from tests.clinic.files import DEMO
from tests.clinic.loads import loaded
from tests.staff.first import first_staff

OPEN = None
# CLINICAL §1: sessions; days least, ideal from and to, most; minutes of setup, infusion, recovery.
SHIPPED = {
    "recommended": [(6, (2, 3, 4, 5), (15, 45, 30)), (OPEN, (5, 7, 7, 9), (15, 45, 30))],
    "fast-start": [(6, (2, 2, 3, 4), (15, 40, 30)), (4, (6, 7, 7, 8), (15, 40, 30))],
    "tapering": [
        (6, (2, 3, 4, 5), (15, 40, 30)), (4, (6, 7, 7, 9), (15, 40, 30)),
        (4, (11, 14, 14, 17), (15, 40, 30)), (OPEN, (25, 28, 28, 31), (15, 40, 30)),
    ],
    "bipolar": [(8, (2, 3, 4, 5), (15, 40, 45))],
    "ptsd": [(6, (2, 2, 3, 4), (15, 40, 30)), (OPEN, (14, 21, 21, 28), (15, 40, 30))],
    "nasal": [
        (8, (2, 3, 4, 5), (15, 0, 120)), (4, (6, 7, 7, 8), (15, 0, 120)),
        (OPEN, (6, 7, 14, 16), (15, 0, 120)),
    ],
    "pain": [(10, (1, 1, 1, 3), (15, 240, 60))],
    "booster": [(2, (7, 14, 21, 28), (15, 45, 30))],
}  # fmt: skip


def numbers(phase: Phase) -> tuple[int | None, tuple[int, ...], tuple[int, ...]]:
    gap = phase.gap
    days = (gap.min_days, gap.ideal_min_days, gap.ideal_max_days, gap.max_days)
    return phase.sessions, days, (phase.setup, phase.infusion, phase.recovery)


def test_each_schedule_in_use_is_shipped_with_its_numbers() -> None:
    templates = [part.template for part in parse_clinic_file(DEMO).templates]
    assert {each.slug: list(map(numbers, each.phases)) for each in templates} == SHIPPED


def test_what_ends_or_goes_on_is_reviewed_where_the_schedule_says_so() -> None:
    reviewed = {
        each.slug: [phase.review_every for phase in each.template.phases]
        for each in parse_clinic_file(DEMO).templates
    }
    assert reviewed["recommended"] == [None, 4]
    assert reviewed["fast-start"] == [None, 4]  # its last four sessions: at the end
    assert reviewed["ptsd"] == [6, 1]


@pytest.mark.parametrize("slug", SHIPPED)
def test_each_can_be_planned_and_booked_at_the_demo_clinic(sqlite_app: Flask, slug: str) -> None:
    loaded()
    doctor = first_staff(Role.PRACTITIONER)
    patient = a_patient()
    screening.record_finding(patient, Finding.SUITABLE, doctor.id, NOW)
    row = next(template for template in list_templates() if template.slug == slug)
    phases = Template.from_dict(row.data).phases
    series = series_operations.prescribe_series(
        patient, row.id, phases, Preferences(), "scottsdale", TOMORROW, doctor.id, NOW
    )
    plan = propose_plans(series, NOW).plans[0]
    starts = [
        SessionStart(session.planned.slot.location, session.starts_at) for session in plan.sessions
    ]
    series_operations.book_plan(series.id, starts, NOW, "test")
    assert len(starts) >= sum(phase.sessions or 0 for phase in phases)
