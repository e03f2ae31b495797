"""A clinic with a past: appointments and series as plain rows, as many as a test wants."""

from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import insert

from booking.appointments.models import Appointment
from booking.appointments.rules import Origin, Outcome, Status
from booking.calendars.models import Claim
from booking.calendars.rules import infusion_needs
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.models import InfusionSeries, Session
from booking.series.preferences import Preferences
from booking.series.progress import SeriesStatus, SessionState
from booking.series.rules import Phase
from tests.builders import NOW, TOMORROW, Clinic, a_patient, local
from tests.series.prescribed import a_template

NEEDS = [need.to_dict() for need in infusion_needs(15, 45, 30, 4)]
_numbers = count(1)


def add_appointment(
    clinic: Clinic,
    starts_at: datetime,
    status: Status = Status.FULFILLED,
    *,
    patient_id: int | None = None,
    is_infusion: bool = True,
    ended_at: datetime | None = None,
    booked_at: datetime | None = None,
    resource_id: int | None = None,
) -> int:
    """Add an appointment of 90 minutes, one of a patient of its own without `patient_id`; return its id."""
    number = next(_numbers)
    ends_at = starts_at + timedelta(minutes=90)
    took_place = status is Status.FULFILLED
    outcome = (Outcome.TREATED if is_infusion else Outcome.SEEN) if took_place else None
    with transaction():
        row = Appointment(
            reference=f"T{number:07d}", token=f"token-{number}", uid=f"{number}@test",
            status=status, service_id=2 if is_infusion else 1, location_id=clinic.location.id,
            patient_id=patient_id or a_patient(clinic).id, starts_at=starts_at, ends_at=ends_at,
            local_date=(starts_at - timedelta(hours=7)).date(), time_zone="America/Phoenix",
            needs=NEEDS, is_infusion=is_infusion, origin=Origin.DESK, created_at=starts_at,
            booked_at=booked_at or starts_at - timedelta(days=4), outcome=outcome,
            ended_at=ended_at or (ends_at if took_place else None),
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        if resource_id is not None:
            claim = {"resource_id": resource_id, "appointment_id": row.id}
            db.session.execute(insert(Claim).values(**claim, starts_at=starts_at, ends_at=ends_at))
    return row.id


def add_series(
    clinic: Clinic,
    phases: tuple[Phase, ...],
    days: list[int],
    *,
    hour: int = 10,
    status: SeriesStatus = SeriesStatus.ACTIVE,
    template_id: int | None = None,
    consulted: int | None = None,
) -> InfusionSeries:
    """Add a series with infusions so many days after tomorrow; those that are over were given."""
    patient_id = a_patient(clinic).id
    template_id = template_id or a_template(phases).id
    if consulted is not None:
        at = local(9, day=TOMORROW + timedelta(days=consulted))
        add_appointment(clinic, at, patient_id=patient_id, is_infusion=False)
    with transaction():
        series = InfusionSeries(
            patient_id=patient_id, template_id=template_id,
            location_id=clinic.location.id, status=status,
            phases=[phase.to_dict() for phase in phases],
            preferences=Preferences().to_dict(),
            first_day=TOMORROW + timedelta(days=min(days, default=0)),
            prescribed_by_id=clinic.practitioner.id, next_look_at=NOW,
            prescribed_at=NOW + timedelta(days=min(days, default=0) - 3),
        )  # fmt: skip
        db.session.add(series)
        db.session.flush()
    first_phase = phases[0].sessions or len(days)
    for number, day in enumerate(days, 1):
        starts_at = local(hour, day=TOMORROW + timedelta(days=day))
        is_over = starts_at < NOW
        appointment_id = add_appointment(
            clinic, starts_at, Status.FULFILLED if is_over else Status.BOOKED,
            patient_id=patient_id,
        )  # fmt: skip
        with transaction():
            db.session.add(
                Session(
                    series_id=series.id, number=number, phase=int(number > first_phase),
                    state=SessionState.DONE if is_over else SessionState.BOOKED,
                    appointment_id=appointment_id,
                )
            )  # fmt: skip
    return series
