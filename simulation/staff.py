"""What the desk and practitioners do: the day, findings, series, what is missed, and closures."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from booking.appointments import attendance
from booking.appointments.guards import ChangeRefused
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import NotCleared, PatientBusy
from booking.appointments.rules import ActionNotAllowed, Outcome, Status
from booking.calendars import availability
from booking.calendars.operations import SlotTaken
from booking.clinic.export import describe_clinic
from booking.clinic.sections import (
    Section,
    change_section,
    digest_affected,
    preview_section,
    section_version,
)
from booking.extensions import db
from booking.locations.models import Outage
from booking.outages.operations import record_case
from booking.patients.models import Patient
from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.series import operations as series_operations
from booking.series.applied_healing import apply_healing
from booking.series.booking import SessionStart
from booking.series.healing import propose_ways
from booking.series.models import InfusionSeries, Session
from booking.series.planning.planner import find_plan
from booking.series.planning.requests import PlanInfeasible
from booking.series.preferences import Preferences
from booking.series.progress import SeriesStatus, SessionState
from booking.series.proposals import build_plan_request
from booking.series.queries import list_templates
from booking.series.refusals import InvalidChange, PlanChanged, SeriesInProgress, SeriesNotPending
from booking.series.templates import Template
from booking.staff import operations as staff
from booking.staff.models import Role

REFUSALS = (
    *(ActionNotAllowed, ChangeRefused, InvalidChange, NotCleared, PatientBusy, PlanChanged),
    *(PlanInfeasible, SeriesInProgress, SeriesNotPending, SlotTaken),
)
NO_SHOWS = 0.08
NOT_TREATED = 0.05  # of infusions: eaten, no ride
SUITABLE = 0.7  # of consultations
NAMES = ("Mesa House", "Quiet Room", "Suite 9")
WAITED = timedelta(minutes=20)  # for who doesn't come
RECORDED_WITHIN = timedelta(hours=8)  # of its end; what nobody recorded by then stays open


@dataclass
class Team:
    """Everybody who works at the clinic."""

    dice: random.Random

    @property
    def practitioner_id(self) -> int:
        """Who decides: the first of the practitioners."""
        return next(each.id for each in staff.list_active_staff() if each.role is Role.PRACTITIONER)

    @property
    def actor(self) -> str:
        """The same person, as the audit trail has it."""
        return f"staff:{self.practitioner_id}"

    def run_the_day(self, now: datetime) -> None:
        """Check in who has come, record what took place, and who did not come."""
        near = select(Appointment).where(
            Appointment.starts_at <= now, Appointment.ends_at > now - RECORDED_WITHIN,
            Appointment.status.in_((Status.BOOKED, Status.ARRIVED)),
        )  # fmt: skip
        for appointment in db.session.scalars(near.order_by(Appointment.id)).all():
            self._try(partial(self._see_to, appointment, now))

    def _see_to(self, appointment: Appointment, now: datetime) -> None:
        if appointment.status is Status.ARRIVED:
            if appointment.ends_at <= now:
                self._record_outcome(appointment, now)
        elif self.dice.random() < NO_SHOWS:
            if appointment.starts_at + WAITED <= now:
                attendance.mark_no_show(appointment.id, now, self.actor)
        else:
            attendance.check_in(appointment.id, now, self.actor, reason="Looked at them")

    def _record_outcome(self, appointment: Appointment, now: datetime) -> None:
        if appointment.is_infusion:
            outcome = Outcome.HAD_EATEN if self.dice.random() < NOT_TREATED else Outcome.TREATED
            attendance.fulfil(appointment.id, outcome, now, self.actor)
            return
        attendance.fulfil(appointment.id, Outcome.SEEN, now, self.actor)
        if self.dice.random() < SUITABLE:
            patient = db.session.get_one(Patient, appointment.patient_id)
            screening.record_finding(patient, Finding.SUITABLE, self.practitioner_id, now)
            self._begin_series(patient, appointment, now)

    def _begin_series(self, patient: Patient, appointment: Appointment, now: datetime) -> None:
        location = availability.current_catalogue().locations_by_id[appointment.location_id]
        template = self.dice.choice(list_templates()[:4])
        series = series_operations.prescribe_series(
            patient, template.id, Template.from_dict(template.data).phases, Preferences(),
            location.slug, appointment.local_date + timedelta(days=1), self.practitioner_id, now,
        )  # fmt: skip
        request, calendar = build_plan_request(series, now)
        starts = [
            SessionStart(planned.slot.location, calendar.starts_at(planned.slot))
            for planned in find_plan(request).sessions
        ]
        series_operations.book_plan(series.id, starts, now, self.actor)

    def heal_missed_sessions(self, now: datetime) -> None:
        """Take one of the ways proposed for each session that was missed."""
        missed = (
            select(Session)
            .join(InfusionSeries, InfusionSeries.id == Session.series_id)
            .where(
                Session.state == SessionState.MISSED, InfusionSeries.status == SeriesStatus.ACTIVE
            )
        )
        for session in db.session.scalars(missed.order_by(Session.id)).all():
            self._try(partial(self._heal, session, now))

    def _heal(self, session: Session, now: datetime) -> None:
        if proposals := propose_ways(session, now):
            way = self.dice.choice(proposals)
            apply_healing(way.order, way.key, now, self.actor, reason="Looked at it")

    def close(self, now: datetime) -> None:
        """Close a location for an afternoon within the next days: nobody knew the day before."""
        location = self.dice.choice([*availability.current_catalogue().locations.values()])
        begins = now + timedelta(days=self.dice.randint(1, 3))
        outage = Outage(
            location_id=location.id, starts_at=begins, ends_at=begins + timedelta(hours=5)
        )
        record_case(outage, "Water damage", self.practitioner_id, now)

    def rename(self, now: datetime) -> None:
        """Change what a location is called in texts."""
        location = self.dice.choice([*availability.current_catalogue().locations.values()])
        section = Section("locations", location.slug)
        values = section.find(describe_clinic(now))
        value = {**values, "neutral_name": f"{self.dice.choice(NAMES)} {location.slug.title()}"}
        hurt = digest_affected(preview_section(section, value, now))
        change_section(section, value, section_version(values), hurt, now, self.actor)

    def _try(self, act: Callable[[], None]) -> None:
        """Do something; being refused by name is as good, and changes nothing."""
        try:
            act()
        except REFUSALS:
            db.session.rollback()
