"""Recording that something isn't there: a fact, accepted from whoever stands at the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.appointments.impossible import list_impossible_appointments, update_call_tasks
from booking.appointments.resource_exchange import exchange_missing_resources
from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.calendars.catalogue import read_catalogue
from booking.calendars.outages import end_outage, record_outage
from booking.db.each import run_each
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Outage
from booking.outages.affected import Affected, list_affected
from booking.outages.models import OutageCase
from booking.outages.queries import (
    list_finished_case_ids,
    list_open_patient_ids,
    list_proposed_case_ids,
)
from booking.outages.rules import CaseStatus
from booking.outages.settling import give_time_back
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

CASE = "outage_case"
ACTOR = "scheduler"
DECIDE_WITHIN = timedelta(hours=1)


class OutageOver(Exception):
    """The outage is over already, or would be over before it begins."""


@dataclass(frozen=True, slots=True)
class RecordedOutage:
    """An outage as recorded: whom it hits, and how many keep their time in another chair, room or seat."""

    case: OutageCase
    affected: Affected
    exchange_count: int


@transaction()
def record_case(outage: Outage, reason: str, staff_id: int, now: datetime) -> RecordedOutage:
    """Keep an outage; from now on nothing is offered or reminded of that can't take place.

    Whoever keeps their time in another chair, room or seat does so at once. For the others the scheduler
    plans new times, and a practitioner decides. Raises `OutageOver` for one that lies in the past.
    """
    if outage.ends_at is not None and outage.ends_at <= max(now, outage.starts_at):
        raise OutageOver
    actor, before = staff_actor(staff_id), list_impossible_appointments(read_catalogue(), now)
    record_outage(outage, now, actor)
    catalogue = read_catalogue()
    exchanges = exchange_missing_resources(
        catalogue, list_impossible_appointments(catalogue, now), now, actor
    )
    affected = list_affected(outage, catalogue, now)
    case = _add_case(outage, reason, staff_id, now, is_over=not affected.hit)
    update_call_tasks(before, list_impossible_appointments(catalogue, now), now)
    return RecordedOutage(case, affected, len(exchanges))


def _add_case(
    outage: Outage, reason: str, staff_id: int, now: datetime, *, is_over: bool
) -> OutageCase:
    case = OutageCase(
        outage_id=outage.id,
        reason=reason,
        status=CaseStatus.ENDED if is_over else CaseStatus.PLANNING,
        recorded_by_id=staff_id,
        recorded_at=now,
        plan_again_at=now,
    )
    db.session.add(case)
    db.session.flush()
    audit.record(staff_actor(staff_id), "record_case", CASE, case.id, now, outage=outage.id)
    if not is_over:
        tasks.open_task(
            TaskKind.DECIDE_OUTAGE, Owner.PRACTITIONER, CASE, case.id, now + DECIDE_WITHIN, now
        )
    return case


class _RollBackPreview(Exception):
    """Ends a preview's transaction, so that nothing of it is kept."""

    def __init__(self, preview: "OutagePreview") -> None:
        super().__init__()
        self.preview = preview


@dataclass(frozen=True, slots=True)
class OutagePreview:
    """Whom an outage would hit, by appointment id in order of time, and how many would change chairs.

    So many as `seen_to_count` can't take place already, and are seen to there.
    """

    hit_ids: Sequence[int]
    in_building_ids: Sequence[int]
    exchange_count: int
    seen_to_count: int


def preview_case(outage: Outage, staff_id: int, now: datetime) -> OutagePreview:
    """Return what recording an outage would do, doing nothing; raises what `record_case` raises."""
    try:
        with transaction():
            recorded = record_case(outage, "", staff_id, now)
            affected = recorded.affected
            raise _RollBackPreview(
                OutagePreview(
                    [appointment.id for appointment in affected.hit],
                    [appointment.id for appointment in affected.in_building],
                    recorded.exchange_count,
                    affected.seen_to_count,
                )
            )
    except _RollBackPreview as ended:
        return ended.preview


@transaction()
def plan_again(case_id: int, now: datetime, actor: str) -> None:
    """Have the scheduler plan anew what nobody has decided yet, as when more hours were found."""
    case = db.session.get_one(OutageCase, case_id, with_for_update=True)
    if case.status is CaseStatus.PROPOSED:
        case.status, case.plan_again_at = CaseStatus.PLANNING, now
        audit.record(actor, "plan_again", CASE, case.id, now)


@transaction()
def end_case(case_id: int, now: datetime, actor: str) -> None:
    """Let an outage be over: who has not agreed to another time gets their own back where it is free.

    The others keep what is held for them, and stay to be seen to; whom another outage keeps from their time
    is planned for there. Twice changes nothing.
    """
    case = db.session.get_one(OutageCase, case_id, with_for_update=True)
    before = list_impossible_appointments(read_catalogue(), now)
    end_outage(case.outage_id, now, actor)
    catalogue = read_catalogue()
    for affected_patient_id in list_open_patient_ids(case.id):
        give_time_back(affected_patient_id, catalogue, now, actor)
    if not list_open_patient_ids(case.id):
        close_case(case.id, now, actor)
    for other_case_id in list_proposed_case_ids():
        plan_again(other_case_id, now, actor)
    update_call_tasks(before, list_impossible_appointments(catalogue, now), now)


@transaction()
def close_case(case_id: int, now: datetime, actor: str) -> None:
    """Keep that nothing is left to do about an outage; twice changes nothing."""
    case = db.session.get_one(OutageCase, case_id, with_for_update=True)
    if case.status is not CaseStatus.ENDED:
        case.status = CaseStatus.ENDED
        tasks.close_fulfilled_task(TaskKind.DECIDE_OUTAGE, CASE, case.id, now)
        audit.record(actor, "close_case", CASE, case.id, now)


def close_finished_cases(now: datetime) -> None:
    """Close the cases of which every patient is seen to."""
    run_each(
        list_finished_case_ids(),
        lambda case_id: close_case(case_id, now, ACTOR),
        "case_not_closed",
    )
