"""One patient's life with series, step by step: what people and time do, as they would by the desk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from sqlalchemy import select

from booking.appointments import attendance
from booking.appointments import operations as appointment_operations
from booking.appointments.changes import keep_told_change
from booking.appointments.guards import ChangeRefused
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import NotCleared, PatientBusy
from booking.appointments.reverting import UndoRefused
from booking.appointments.rules import Action, ActionNotAllowed, Outcome
from booking.calendars.operations import SlotTaken
from booking.extensions import db
from booking.locations.models import Closure
from booking.patients.models import Patient
from booking.series import (
    absences,
    suspensions,
)
from booking.series import operations as series_operations
from booking.series.applied_healing import apply_healing
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.gap_limits import update_gap_warnings
from booking.series.healing import HealingOrder, propose_healing, propose_ways
from booking.series.models import InfusionSeries, ScheduleTemplate, Session
from booking.series.preferences import Preferences
from booking.series.progress import SeriesStatus
from booking.series.proposals import propose_plans
from booking.series.queries import list_sessions
from booking.series.refusals import (
    InvalidChange,
    PlanChanged,
    SeriesInProgress,
    SeriesNotPending,
)
from booking.series.reopening import reopen_series_tasks
from booking.series.rules import InvalidSchedule
from tests.builders import NOW, PHOENIX, Clinic, a_clinic, a_closure, a_patient, an_infusion, local
from tests.series.prescribed import RECOMMENDED, a_template, starts

REFUSALS = (
    *(ActionNotAllowed, ChangeRefused, InvalidChange, InvalidSchedule, NotCleared, PatientBusy),
    *(PlanChanged, SeriesInProgress, SeriesNotPending, SlotTaken, UndoRefused),
)
A_DAY = timedelta(days=1)
WAITING = ("unplaced", "missed")


@dataclass
class Life:
    """A patient at a clinic, now; the newest series is the one that people act on."""

    clinic: Clinic
    patient: Patient
    template: ScheduleTemplate
    now: datetime = NOW

    @classmethod
    def begin(cls) -> Self:
        """Make the clinic, and book the first series."""
        clinic = a_clinic(weekdays=range(5), chairs=2)
        life = cls(clinic, a_patient(clinic), a_template(RECOMMENDED))
        life.prescribe()
        return life

    @property
    def doctor(self) -> str:
        return f"staff:{self.clinic.practitioner.id}"

    @property
    def today(self) -> date:
        return self.now.astimezone(PHOENIX).date()

    @property
    def series(self) -> InfusionSeries:
        query = select(InfusionSeries).order_by(InfusionSeries.id.desc()).limit(1)
        return db.session.scalars(query).one()

    def coming(self) -> list[Appointment]:
        sessions = list_sessions(self.series.id)
        booked = [s.appointment for s in sessions if s.appointment and s.is_coming(self.now)]
        return sorted(booked, key=lambda each: each.starts_at)

    def waiting(self) -> list[Session]:
        if self.series.status is not SeriesStatus.ACTIVE:
            return []
        return [s.session for s in list_sessions(self.series.id) if s.session.state in WAITING]

    def try_to(self, change: Callable[[], object]) -> None:
        """Make a change; being refused by name is as good, and changes nothing."""
        try:
            change()
        except REFUSALS:
            db.session.expire_all()

    def prescribe(self) -> None:
        """Prescribe a series and book the best plan for it, unless one goes on."""
        series = series_operations.prescribe_series(
            self.patient, self.template.id, RECOMMENDED, Preferences(), "ahwatukee", self.today,
            self.clinic.practitioner.id, self.now,
        )  # fmt: skip
        proposal = propose_plans(series, self.now)
        if proposal.plans:
            series_operations.book_plan(series.id, starts(proposal), self.now, self.doctor)

    def pass_days(self, days: int, comes: Callable[[], bool]) -> None:
        """Let days go by: each appointment takes place, or the patient does not come."""
        until = self.now + days * A_DAY
        while due := [each for each in self.coming() if each.starts_at <= until]:
            self.take_place(due[0], comes)
        self.now = until
        self.tick()

    def take_place(self, appointment: Appointment, comes: Callable[[], bool]) -> None:
        """Let an appointment's time go by: its patient is treated, or has eaten, or does not come."""
        if comes():
            self.check_in(appointment)
            outcome = Outcome.TREATED if comes() else Outcome.HAD_EATEN
            attendance.fulfil(appointment.id, outcome, appointment.ends_at, self.doctor)
        else:
            attendance.mark_no_show(appointment.id, appointment.ends_at, self.doctor)
        self.now = appointment.ends_at

    def check_in(self, appointment: Appointment) -> None:
        self.now = max(self.now, appointment.starts_at)
        attendance.check_in(appointment.id, self.now, self.doctor, reason="Looked at them")

    def tick(self) -> None:
        """Do what the scheduler does of series."""
        suspensions.update_suspensions(self.now)
        book_sessions_ahead(self.now)
        reopen_series_tasks(self.now)
        update_gap_warnings(self.now)

    def cancel(self, appointment: Appointment, *, by_patient: bool) -> None:
        def change() -> None:
            appointment_operations.cancel(
                appointment.id, self.now, self.doctor, by_patient=by_patient, reason="Rang"
            )

        keep_told_change(appointment.id, Action.CANCEL, self.now, self.doctor, change)

    def move(self, appointment: Appointment, days: int, reason: str) -> None:
        day = appointment.local_date + days * A_DAY
        starts_at = local(10, day=day)

        def change() -> None:
            appointment_operations.move(
                appointment.id, starts_at, self.now, self.doctor, reason=reason
            )

        keep_told_change(appointment.id, Action.MOVE, self.now, self.doctor, change)

    def close_day(self, appointment: Appointment) -> None:
        """Close the location on the day of a appointment, and give all that can't take place other times."""
        day = appointment.local_date
        if not db.session.scalars(select(Closure).filter_by(first_day=day)).first():
            a_closure(self.clinic.location, day)
        self.heal(HealingOrder(self.series.id))

    def heal(self, order: HealingOrder) -> None:
        proposal = propose_healing(order, self.now)
        apply_healing(order, proposal.key, self.now, self.doctor, reason="Looked at it")

    def heal_session(self, session: Session, way: int) -> None:
        proposals = propose_ways(session, self.now)
        if proposals:
            proposal = proposals[way % len(proposals)]
            apply_healing(
                proposal.order, proposal.key, self.now, self.doctor, reason="Looked at it"
            )

    def go_away(self, first: int, days: int) -> None:
        begin = self.today + first * A_DAY
        order = absences.order_for_absence(self.series.id, begin, begin + days * A_DAY)
        proposal = propose_healing(order, self.now)
        absences.record_absence_and_heal(
            order, proposal.key, self.clinic.practitioner.id, self.now, reason="Travels"
        )

    def fill(self, days: int, hour: int) -> None:
        """Book infusions of others on a day until no more can start at an hour."""
        while True:
            an_infusion(self.clinic, local(hour, day=self.today + days * A_DAY))

    def book_alone(self, days: int) -> None:
        """Book an infusion that no series has."""
        an_infusion(self.clinic, local(14, day=self.today + days * A_DAY), self.patient)
