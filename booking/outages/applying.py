"""Using a plan: who moves gives up their time, the new ones are held, and each patient is asked once.

All of it is one transaction. What was planned is asked again under the locks of all days it touches: a time
that went meanwhile is said to have gone, and its patient is called.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from booking.appointments.guards import ChangeRefused
from booking.appointments.held_slots import hold_slot, is_slot_free
from booking.appointments.impossible import close_call_task, list_impossible_appointments
from booking.appointments.models import Appointment
from booking.appointments.operations import location_of, lock_for_change, require_move_allowed
from booking.appointments.patient_booking import NotCleared
from booking.appointments.resource_exchange import exchange_missing_resources
from booking.appointments.rules import Status, new_token
from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.operations import SlotTaken
from booking.db.transactions import transaction
from booking.extensions import db
from booking.outages.affected import filter_asked
from booking.outages.asking import plan_question, try_ask_patient
from booking.outages.models import (
    AffectedAppointment,
    AffectedPatient,
    OutageCase,
    OutagePlan,
    PlannedMove,
)
from booking.outages.operations import CASE
from booking.outages.queries import AffectedRecord
from booking.outages.rules import AnswerStatus, CaseStatus, NoTimeReason
from booking.outages.settling import PATIENT, give_up_times, open_calls
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.staff.models import Role, Staff
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind


class PlanOutdated(Exception):
    """Another plan was chosen or made meanwhile."""


class DecisionNotYours(Exception):
    """A practitioner decides which plan is used."""


@transaction()
def apply_plan(plan_id: int, staff_id: int, now: datetime) -> OutageCase:
    """Use a plan: free what is given up, hold the new times, and ask the patients; pressed twice, once.

    Raises `PlanOutdated`, `DecisionNotYours`.
    """
    plan = db.session.get(OutagePlan, plan_id)
    if plan is None:
        raise PlanOutdated
    case = db.session.get_one(OutageCase, plan.case_id, with_for_update=True)
    db.session.refresh(plan)
    if plan.chosen_at is not None:
        return case
    if case.status is not CaseStatus.PROPOSED:
        raise PlanOutdated
    if db.session.get_one(Staff, staff_id).role is not Role.PRACTITIONER:
        raise DecisionNotYours
    plan.chosen_at = case.decided_at = now
    case.status, case.decided_by_id = CaseStatus.APPLIED, staff_id
    actor = staff_actor(staff_id)
    _PlanUse(case, [PlannedMove(**move) for move in plan.moves], now, actor).run()  # type: ignore[typeddict-item]  # as it was written
    tasks.close_fulfilled_task(TaskKind.DECIDE_OUTAGE, CASE, case.id, now)
    audit.record(actor, "apply_plan", CASE, case.id, now, plan=plan.id, unplaced=plan.unplaced)
    return case


class _PlanUse:
    """One plan being used: its moves of appointments that are still as planned, and no other outage's."""

    def __init__(
        self, case: OutageCase, moves: Sequence[PlannedMove], now: datetime, actor: str
    ) -> None:
        self.case, self.now, self.actor = case, now, actor
        self.catalogue = availability.current_catalogue()
        locked = [
            (lock_for_change(move["appointment"], None), move)
            for move in sorted(moves, key=lambda each: each["appointment"])
        ]
        asked_ids = filter_asked([appointment.id for appointment, _ in locked])
        self.moves = [
            (appointment, move)
            for appointment, move in locked
            if appointment.id not in asked_ids and self._is_to_move(appointment, move)
        ]

    def _is_to_move(self, appointment: Appointment, move: PlannedMove) -> bool:
        planned = (Status.BOOKED, move["sequence"])
        is_as_planned = (appointment.status, appointment.sequence) == planned
        return is_as_planned and appointment.starts_at > self.now and not move.get("stays")

    def run(self) -> None:
        """Free, hold and ask; who keeps their time takes what others gave up of the same kind."""
        calendars.lock_days(self._list_days())
        for appointment, _ in self.moves:
            location = location_of(appointment)
            calendars.release_claims(appointment.id, location, appointment.local_date)
            close_call_task(appointment.id, self.now)
        groups = self._group_by_patient()
        for patient_id, moves in groups.items():
            self._add_patient(patient_id, moves)
        impossibles = list_impossible_appointments(self.catalogue, self.now)
        exchange_missing_resources(self.catalogue, impossibles, self.now, self.actor)

    def _list_days(self) -> Iterator[tuple[int, date]]:
        for appointment, move in self.moves:
            yield appointment.location_id, appointment.local_date
            if "location" in move:
                yield move["location"], self._new_day(move)

    def _group_by_patient(self) -> dict[int, list[tuple[Appointment, PlannedMove]]]:
        """Return the moves of each person, by the record that survives, in order of time."""
        groups: dict[int, list[tuple[Appointment, PlannedMove]]] = {}
        for appointment, move in sorted(self.moves, key=lambda pair: pair[0].starts_at):
            patient = db.session.get_one(Patient, appointment.patient_id)
            key = patients.get_merged_patient(patient).id
            groups.setdefault(key, []).append((appointment, move))
        return groups

    def _add_patient(
        self, patient_id: int, moves: Sequence[tuple[Appointment, PlannedMove]]
    ) -> None:
        affected = AffectedPatient(
            case_id=self.case.id, patient_id=patient_id, token=new_token(),
            status=AnswerStatus.TO_CALL,
        )  # fmt: skip
        db.session.add(affected)
        db.session.flush()
        kept_starts = [each.starts_at for each, move in moves if not move.get("hit", True)]
        audit.record(self.actor, "affect", PATIENT, affected.id, self.now, case=self.case.id)
        question = plan_question(
            [(each, _slot_of(move)) for each, move in moves], self.now, kept_starts
        )
        affected.held_until = question.held_until
        together = {each.id: self._new_day(move) for each, move in moves if "location" in move}
        records = [self._add_appointment(affected, *move, together) for move in moves]
        self._keep_together(records, [move for _, move in moves])
        if not try_ask_patient(affected, records, question, self.now):
            open_calls(records, self.now)

    def _keep_together(
        self, records: Sequence[AffectedRecord], moves: Sequence[PlannedMove]
    ) -> None:
        """Give up all of a person's times where one went: what would move for it has its own again."""
        has_companions = not all(record.affected.is_hit for record in records)
        if has_companions and any(
            record.affected.hold_id is None and "starts_at" in move
            for record, move in zip(records, moves, strict=True)
        ):
            give_up_times(records, self.now, self.actor)
            for record in records:
                if record.affected.is_hit and record.affected.no_time_reason is None:
                    record.affected.no_time_reason = NoTimeReason.TAKEN

    def _new_day(self, move: PlannedMove) -> date:
        zone = self.catalogue.locations_by_id[move["location"]].zone
        return datetime.fromisoformat(move["starts_at"]).astimezone(zone).date()

    def _add_appointment(
        self,
        affected: AffectedPatient,
        appointment: Appointment,
        move: PlannedMove,
        together: Mapping[int, date],
    ) -> AffectedRecord:
        row = AffectedAppointment(
            affected_patient_id=affected.id,
            appointment_id=appointment.id,
            sequence=appointment.sequence,
            is_hit=move.get("hit", True),
            old_location_id=appointment.location_id,
            old_starts_at=appointment.starts_at,
            no_time_reason=NoTimeReason(move["reason"]) if "reason" in move else None,
        )
        starts_at = _slot_of(move)
        if starts_at is not None and affected.held_until is not None:
            location = self.catalogue.locations_by_id[move["location"]]
            row.no_time_reason = self._find_problem(appointment, location, starts_at, together)
            if row.no_time_reason is None:
                hold = hold_slot(
                    appointment,
                    location,
                    starts_at,
                    self.now,
                    affected.held_until,
                    together,
                    actor=self.actor,
                )
                row.hold_id, row.location_id = hold.id, hold.location_id
                row.starts_at, row.local_date = hold.starts_at, hold.local_date
        db.session.add(row)
        db.session.flush()
        return AffectedRecord(row, appointment)

    def _find_problem(
        self,
        appointment: Appointment,
        location: LocationCalendar,
        starts_at: datetime,
        together: Mapping[int, date],
    ) -> NoTimeReason | None:
        """Return why a planned time can't be held after all: by the rules that will move the appointment."""
        try:
            require_move_allowed(
                appointment, location, starts_at, self.now, self.actor, together=together
            )
        except NotCleared:
            return NoTimeReason.NOT_CLEARED
        except (ChangeRefused, SlotTaken):
            return NoTimeReason.NO_DAY
        is_free = is_slot_free(appointment, location, starts_at, self.now, together)
        return None if is_free else NoTimeReason.TAKEN


def _slot_of(move: PlannedMove) -> datetime | None:
    return datetime.fromisoformat(move["starts_at"]) if "starts_at" in move else None
