"""The desk closes a day, a practitioner chooses the plan, and the board says whom to call."""

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from booking.appointments import attendance
from booking.extensions import db
from booking.locations.models import Outage
from booking.outages import optimizer
from booking.outages.answers import accept_times, decline_times
from booking.outages.making_plans import plan_waiting_cases
from booking.outages.models import OutageCase
from booking.outages.rules import AnswerStatus, CaseStatus
from tests.builders import NOW, Clinic, a_booking, a_clinic, an_infusion, local
from tests.desk.page_forms import form_on, send
from tests.outages.cases import (
    IN_TWO_DAYS,
    SECONDS,
    affected_patients,
    applied,
    broken_chair,
    case_now,
    closing,
    planned,
    record_of,
)
from tests.series.prescribed import count

NEW = "/desk/closures/new"


def typed(clinic: Clinic, **changed: str) -> dict[str, str]:
    """Return what the desk types to close the clinic in two days."""
    return {
        "subject": f"location:{clinic.location.id}", "first_day": IN_TWO_DAYS.isoformat(),
        "begins": "", "last_day": "", "ends": "", "reason": "Pipe burst", **changed,
    }  # fmt: skip


def test_the_desk_sees_whom_it_hits_before_anything_is_recorded(
    desk: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(10, day=IN_TWO_DAYS))
    response = desk.post(NEW, data=typed(clinic, step="show"))
    assert response.status_code == 200
    assert "1 visit can't take place as booked." in response.text
    assert f"/desk/patients/{appointment.patient_id}" in response.text
    assert "Pipe burst" in response.text
    assert count(OutageCase) == 0


def test_recorded_it_waits_for_a_plan_and_the_day_says_so(
    desk: FlaskClient, clinic: Clinic
) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    response = desk.post(NEW, data=typed(clinic, step="record"))
    page = desk.get(response.location).text
    assert "Recorded. 1 visit needs a new time." in page
    assert "New times are being looked for." in page
    day = desk.get(f"/desk/day/ahwatukee/{IN_TWO_DAYS}").text
    assert "Ahwatukee Clinic closed" in day
    assert f"/desk/closures/{case_now().id}" in day


def test_a_part_of_a_day_is_read_on_the_locations_clock(desk: FlaskClient, clinic: Clinic) -> None:
    desk.post(NEW, data=typed(clinic, begins="11:00", ends="14:30", step="record"))
    (outage,) = db.session.scalars(db.select(Outage)).all()
    assert (outage.starts_at, outage.ends_at) == (
        local(11, day=IN_TWO_DAYS),
        local(14, 30, day=IN_TWO_DAYS),
    )


def test_until_further_notice_has_no_end(desk: FlaskClient, clinic: Clinic) -> None:
    desk.post(NEW, data=typed(clinic, is_open_ended="y", step="record"))
    (outage,) = db.session.scalars(db.select(Outage)).all()
    assert outage.ends_at is None


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"reason": " "}, "Enter a reason."),
        ({"first_day": ""}, "Enter a day."),
        ({"first_day": "2026-11-29"}, "Choose today or a later day."),
        ({"last_day": "2026-12-01"}, "Enter a time after the beginning."),
        ({"begins": "14:00", "ends": "09:00"}, "Enter a time after the beginning."),
        ({"first_day": "2026-11-30", "ends": "07:00"}, "That time is over already."),
        ({"subject": "location:99"}, "Choose from what is offered"),
        ({"subject": "nonsense"}, "Choose from what is offered"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    desk: FlaskClient, clinic: Clinic, changed: dict[str, str], problem: str
) -> None:
    response = desk.post(NEW, data=typed(clinic, step="record", **changed))
    assert response.status_code == 422
    assert problem in response.text
    assert changed.get("reason", "Pipe burst") in response.text
    assert count(OutageCase) == 0


def test_the_plans_say_what_each_leaves_and_how_it_was_made(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    a_clinic(slug="scottsdale")
    a_booking(local(10, day=IN_TWO_DAYS))
    best, other = planned(closing(clinic), clinic)
    page = practitioner.get(f"/desk/closures/{best.case_id}").text
    assert "At any location" in page
    assert "Everybody stays at their location" in page
    assert "Planned for all at once." in page
    assert "Nobody is left without." in page
    chosen = practitioner.get(f"/desk/closures/{best.case_id}?plan={other.id}").text
    assert f'name="plan" value="{other.id}"' in chosen


def test_without_the_optimizer_the_page_says_so(
    practitioner: FlaskClient, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optimizer, "HAS_OPTIMIZER", False)
    a_booking(local(10, day=IN_TWO_DAYS))
    (plan,) = planned(closing(clinic), clinic)
    page = practitioner.get(f"/desk/closures/{plan.case_id}").text
    assert "Planned one after another: the optimizer is not installed." in page


def test_who_has_no_time_is_shown_with_the_reason_and_a_way(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    appointment = an_infusion(clinic, local(10, day=IN_TWO_DAYS))
    (plan,) = planned(closing(clinic, -40, 24 * 30), clinic)
    page = practitioner.get(f"/desk/closures/{plan.case_id}").text
    assert "1 has no time." in page
    assert "Nobody more could be placed this way." in page
    assert "Nothing is free on the days that would do." in page
    assert f"/desk/visits/{appointment.id}/move" in page


def test_the_front_desk_sees_the_plans_and_leaves_the_choice(
    desk: FlaskClient, clinic: Clinic
) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    (plan,) = planned(closing(clinic), clinic)
    page = desk.get(f"/desk/closures/{plan.case_id}").text
    assert "A practitioner chooses the plan." in page
    assert "Use the plan" not in page
    assert desk.post(f"/desk/closures/{plan.case_id}/use").status_code == 403


def test_a_plan_that_was_made_anew_meanwhile_is_not_used(
    practitioner: FlaskClient, desk: FlaskClient, clinic: Clinic
) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    (plan,) = planned(closing(clinic), clinic)
    page = f"/desk/closures/{plan.case_id}"
    form = form_on(practitioner, page, f"{page}/use")
    send(desk, form_on(desk, page, f"{page}/plan-again"), {})
    a_booking(datetime.fromisoformat(plan.moves[0]["starts_at"]))
    plan_waiting_cases(NOW, SECONDS)
    response = send(practitioner, form, {})
    assert response.status_code == 422
    assert "This plan was made anew" in response.text
    assert case_now().status is CaseStatus.PROPOSED


def test_the_board_has_whom_to_call_the_earliest_first(desk: FlaskClient, clinic: Clinic) -> None:
    appointments = [an_infusion(clinic, local(hour, day=IN_TWO_DAYS)) for hour in (9, 11, 13)]
    affected = {record_of(each).appointment.id: each for each in applied(closing(clinic), clinic)}
    accept_times(affected[appointments[1].id].id, NOW, "online")
    for which in (2, 0):
        decline_times(affected[appointments[which].id].id, NOW, "online")
    page = desk.get(f"/desk/closures/{case_now().id}").text
    to_call, settled = page.index("To call, the earliest first"), page.index(">Seen to<")
    order = [page.index(f'id="patient-{affected[each.id].id}"') for each in appointments]
    assert to_call < order[0] < order[2] < settled < order[1]


def test_on_the_phone_the_desk_takes_the_time_for_them(desk: FlaskClient, clinic: Clinic) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    (affected,) = applied(closing(clinic), clinic)
    page = f"/desk/closures/{affected.case_id}"
    action = f"/desk/closures/patients/{affected.id}/accept"
    response = send(desk, form_on(desk, page, action), {})
    assert response.status_code == 302
    assert affected_patients()[0].status is AnswerStatus.ACCEPTED
    assert "Took the time" in desk.get(page).text


def test_what_came_of_a_call_is_on_the_board(desk: FlaskClient, clinic: Clinic) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    (affected,) = applied(closing(clinic), clinic)
    page = f"/desk/closures/{affected.case_id}"
    form = form_on(desk, page, f"/desk/closures/patients/{affected.id}/call")
    assert send(desk, form, {"outcome": "shouted"}).status_code == 422
    send(desk, form, {"outcome": "voicemail"})
    assert "Voicemail, Mon, Nov 30" in desk.get(page).text


def test_open_again_the_times_are_given_back(desk: FlaskClient, clinic: Clinic) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    (affected,) = applied(closing(clinic), clinic)
    page = f"/desk/closures/{affected.case_id}"
    send(desk, form_on(desk, page, f"{page}/end"), {})
    assert case_now().status is CaseStatus.ENDED
    assert "Seen to otherwise" in desk.get(page).text


def test_who_is_here_is_named_and_not_moved(desk: FlaskClient, clinic: Clinic) -> None:
    here = an_infusion(clinic, NOW + timedelta(hours=1))
    attendance.check_in(here.id, NOW, "staff:1")
    data = typed(clinic, first_day="2026-11-30", step="show")
    page = desk.post(NEW, data=data).text
    assert "1 patient is here already, and is not moved:" in page
    assert "Nobody needs a new time." in page


def test_a_broken_chair_can_be_chosen_and_who_changes_chairs_is_counted(
    desk: FlaskClient, clinic: Clinic
) -> None:
    an_infusion(clinic, local(10, day=IN_TWO_DAYS))
    subject = f"resource:{broken_chair().resource_id}"
    page = desk.post(NEW, data=typed(clinic, subject=subject, step="show")).text
    assert "1 visit keeps its time in another chair, room or seat." in page


def test_all_are_listed(desk: FlaskClient, clinic: Clinic) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    applied(closing(clinic), clinic)
    page = desk.get("/desk/closures").text
    assert "Ahwatukee Clinic closed" in page
    assert "1 of 1 open" in page


def test_the_decision_is_a_task_that_leads_there(practitioner: FlaskClient, clinic: Clinic) -> None:
    a_booking(local(10, day=IN_TWO_DAYS))
    (plan,) = planned(closing(clinic), clinic)
    page = practitioner.get("/desk/tasks").text
    assert "Decide: new times after a closure" in page
    assert f"/desk/closures/{plan.case_id}" in page
