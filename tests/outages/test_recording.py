"""An outage is recorded: nothing is offered that can't be, and whoever can keeps their time."""

from datetime import timedelta

import pytest

from booking.appointments import attendance
from booking.appointments.resource_exchange import open_missing_call_tasks
from booking.calendars.catalogue import read_catalogue
from booking.calendars.slots import list_slots
from booking.locations.models import Outage
from booking.outages.affected import list_affected
from booking.outages.models import OutageCase
from booking.outages.operations import OutageOver, end_case, preview_case
from booking.outages.queries import get_outage
from booking.outages.rules import CaseStatus
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic, a_booking, an_infusion, local
from tests.outages.cases import (
    HOUR,
    IN_TWO_DAYS,
    broken_chair,
    case_now,
    closing,
    nurse_ill,
    recorded,
)
from tests.series.prescribed import count, tasks_of


def test_a_closed_day_offers_nothing_and_asks_a_practitioner_to_decide(clinic: Clinic) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    case = recorded(closing(clinic), clinic)
    assert case.status is CaseStatus.PLANNING
    assert list_slots("consultation", None, IN_TWO_DAYS, IN_TWO_DAYS, NOW) == []
    (task,) = tasks_of(TaskKind.DECIDE_OUTAGE)
    assert (task.subject_id, task.owner.value) == (case.id, "practitioner")


def test_nobody_is_asked_to_call_before_a_plan_is_chosen(clinic: Clinic) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    recorded(closing(clinic), clinic)
    open_missing_call_tasks(NOW + HOUR)
    assert tasks_of(TaskKind.MOVE_APPOINTMENT) == []


def test_an_outage_that_hits_nobody_is_seen_to_at_once(clinic: Clinic) -> None:
    a_booking(local(10))
    assert recorded(closing(clinic), clinic).status is CaseStatus.ENDED
    assert tasks_of(TaskKind.DECIDE_OUTAGE) == []


def test_who_can_sit_in_another_chair_keeps_their_time(clinic: Clinic) -> None:
    an_infusion(clinic, local(10, day=IN_TWO_DAYS))
    case = recorded(broken_chair(), clinic)
    assert case.status is CaseStatus.ENDED
    assert tasks_of(TaskKind.DECIDE_OUTAGE) == []


@pytest.mark.parametrize("outage", [broken_chair, nurse_ill])
def test_a_preview_says_whom_it_would_hit_and_does_nothing(clinic: Clinic, outage: object) -> None:
    appointments = [
        an_infusion(clinic, local(hour, minute, day=IN_TWO_DAYS))
        for hour, minute in ((10, 0), (10, 15))
    ]
    preview = preview_case(outage(), clinic.front_desk.id, NOW)
    assert set(preview.hit_ids) <= {appointment.id for appointment in appointments}
    assert preview.hit_ids
    assert count(OutageCase) == 0
    assert list_slots("consultation", None, IN_TWO_DAYS, IN_TWO_DAYS, NOW) != []


def test_who_is_in_the_building_is_not_hit(clinic: Clinic) -> None:
    here, coming = (an_infusion(clinic, local(hour, day=IN_TWO_DAYS)) for hour in (9, 14))
    at_nine = local(9, day=IN_TWO_DAYS)
    attendance.check_in(here.id, at_nine, "staff:1")
    preview = preview_case(closing(clinic, 9, 24), clinic.front_desk.id, at_nine + 0.5 * HOUR)
    assert (preview.hit_ids, preview.in_building_ids) == ([coming.id], [here.id])


def test_who_is_here_with_something_else_is_not_named(clinic: Clinic) -> None:
    seen, treated = (
        a_booking(local(9, day=IN_TWO_DAYS)),
        an_infusion(clinic, local(9, day=IN_TWO_DAYS)),
    )
    at_nine = local(9, day=IN_TWO_DAYS)
    for each in (seen, treated):
        attendance.check_in(each.id, at_nine, "staff:1")
    outages = [broken_chair(), broken_chair(which=1), nurse_ill(), practitioner_ill(clinic)]
    previews = [preview_case(outage, clinic.front_desk.id, at_nine) for outage in outages]
    expected = [[treated.id], [], [treated.id], [seen.id]]
    assert [preview.in_building_ids for preview in previews] == expected


def practitioner_ill(clinic: Clinic) -> Outage:
    begins = local(9, day=IN_TWO_DAYS)
    return Outage(staff_id=clinic.practitioner.id, starts_at=begins, ends_at=begins + 8 * HOUR)


def test_a_time_gone_by_is_refused(clinic: Clinic) -> None:
    with pytest.raises(OutageOver):
        recorded(closing(clinic, 9, 10), clinic, local(11, day=IN_TWO_DAYS))


def test_what_is_open_again_before_a_plan_was_chosen_was_nothing(clinic: Clinic) -> None:
    appointment = a_booking(local(10, day=IN_TWO_DAYS))
    case = recorded(closing(clinic), clinic)
    end_case(case.id, NOW + HOUR, "staff:1")
    assert case_now().status is CaseStatus.ENDED
    assert tasks_of(TaskKind.DECIDE_OUTAGE) == []
    free = list_slots("consultation", None, IN_TWO_DAYS, IN_TWO_DAYS, NOW)
    assert appointment.starts_at not in {slot.starts_at for slot in free}
    assert free != []


def test_whom_one_outage_hits_no_later_one_does(clinic: Clinic) -> None:
    appointment = a_booking(local(10, day=IN_TWO_DAYS))
    recorded(closing(clinic), clinic)
    preview = preview_case(broken_chair(), clinic.front_desk.id, NOW)
    assert (preview.hit_ids, preview.seen_to_count) == ([], 1)
    assert preview_case(closing(clinic, 0, None), clinic.front_desk.id, NOW).hit_ids == []
    assert recorded(broken_chair(), clinic).status is CaseStatus.ENDED
    assert appointment.id not in {task.subject_id for task in tasks_of(TaskKind.MOVE_APPOINTMENT)}


def test_an_outage_planned_anew_leaves_a_later_ones_patients_to_it(clinic: Clinic) -> None:
    infusions = [an_infusion(clinic, local(10, minute, day=IN_TWO_DAYS)) for minute in (0, 15)]
    consultation = a_booking(local(14, day=IN_TWO_DAYS))
    chair = get_outage(recorded(broken_chair(), clinic))
    closed = get_outage(recorded(closing(clinic), clinic))
    hit = [list_affected(outage, read_catalogue(), NOW).hit for outage in (chair, closed)]
    assert [len(appointments) for appointments in hit] == [1, 2]
    assert {each.id for each in hit[0]} < {infusion.id for infusion in infusions}
    assert consultation.id in {each.id for each in hit[1]}


def test_who_is_still_kept_from_their_time_is_called_or_planned_for_once_the_first_is_over(
    clinic: Clinic,
) -> None:
    appointment = a_booking(local(10, day=IN_TWO_DAYS))
    first = recorded(closing(clinic), clinic)
    recorded(closing(clinic, 0, 72), clinic)
    end_case(first.id, NOW + HOUR, "staff:1")
    (task,) = tasks_of(TaskKind.MOVE_APPOINTMENT)
    assert task.subject_id == appointment.id


def test_until_further_notice_two_weeks_are_planned_for(clinic: Clinic) -> None:
    soon, later = (
        an_infusion(clinic, local(10, day=IN_TWO_DAYS + timedelta(days=days))) for days in (0, 20)
    )

    outage = get_outage(recorded(closing(clinic, 0, None), clinic))
    affected = list_affected(outage, read_catalogue(), NOW)
    assert [appointment.id for appointment in affected.hit] == [soon.id]
    assert later.id not in {appointment.id for appointment in affected.hit}


def test_until_further_notice_there_is_a_task_to_call_about_each_later_appointment(
    clinic: Clinic,
) -> None:
    soon, later = (
        an_infusion(clinic, local(10, day=IN_TWO_DAYS + timedelta(days=days))) for days in (0, 20)
    )
    recorded(closing(clinic, 0, None), clinic)
    (task,) = tasks_of(TaskKind.MOVE_APPOINTMENT)
    assert (task.subject_id, task.due_at < later.starts_at) == (later.id, True)
    assert task.subject_id != soon.id
