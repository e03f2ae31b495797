"""A manager takes people on, gives them roles and lets them go; what that does to visits is shown before."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.extensions import db
from booking.locations.models import Resource
from booking.staff.models import Role, Shift, Staff
from booking.staff.password_changes import set_password
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind
from tests.builders import NOW, Clinic, a_booking
from tests.desk.page_forms import form_on, send
from tests.staff.door import PASSWORD, is_in, sign_in
from tests.staff.managers import actions, find_by_email, invite, submit


def test_everybody_is_listed_with_their_role(manager: FlaskClient, clinic: Clinic) -> None:
    page = manager.get("/desk/people").text
    for text in (
        clinic.front_desk.name,
        "Mara Stone",
        "Manager",
        "Practitioner",
        "No password yet",
    ):
        assert text in page


def test_another_role_ends_sign_ins_and_counts_from_the_next(
    app: Flask, manager: FlaskClient, clinic: Clinic
) -> None:
    set_password(clinic.front_desk.email, PASSWORD, NOW)
    theirs = app.test_client()
    sign_in(theirs, clinic.front_desk.email)
    page = f"/desk/people/{clinic.front_desk.id}/role"
    answer = send(manager, form_on(manager, page, page), {"role": "manager"})
    assert answer.location == f"/desk/people/{clinic.front_desk.id}"
    assert not is_in(theirs)
    sign_in(theirs, clinic.front_desk.email)
    assert theirs.get("/desk/people").status_code == 200


def test_a_new_practitioner_can_be_claimed_and_a_former_one_not(
    manager: FlaskClient, clinic: Clinic
) -> None:
    def claimable() -> dict[int | None, bool]:
        db.session.rollback()
        rows = db.session.scalars(select(Resource).where(Resource.staff_id.is_not(None)))
        return {row.staff_id: row.active for row in rows}

    for person, role in ((clinic.front_desk, "practitioner"), (clinic.practitioner, "nurse")):
        page = f"/desk/people/{person.id}/role"
        send(manager, form_on(manager, page, page), {"role": role})
    assert claimable() == {clinic.front_desk.id: True, clinic.practitioner.id: False}


def test_retiring_shows_first_what_depends_on_somebody_and_opens_a_task_to_call_about_each(
    manager: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking()
    page = f"/desk/people/{clinic.practitioner.id}/retire"
    shown = manager.get(page).text
    assert "1 visit can't take place without them" in shown
    assert appointment.reference in shown
    assert "Monday, 9:00 AM – 5:00 PM" in shown
    assert tasks.list_open_tasks(TaskKind.MOVE_APPOINTMENT) == []
    answer = submit(manager, page)
    assert "task to call about 1 visit" in answer.text
    (task,) = tasks.list_open_tasks(TaskKind.MOVE_APPOINTMENT)
    assert task.subject_id == appointment.id


def test_who_is_retired_is_out_at_once_and_has_no_shifts(
    app: Flask, manager: FlaskClient, clinic: Clinic
) -> None:
    set_password(clinic.front_desk.email, PASSWORD, NOW)
    theirs = app.test_client()
    sign_in(theirs, clinic.front_desk.email)
    page = f"/desk/people/{clinic.front_desk.id}/retire"
    send(manager, form_on(manager, page, page), {})
    assert not is_in(theirs)
    assert sign_in(theirs, clinic.front_desk.email).status_code == 422
    shifts = list(db.session.scalars(select(Shift).filter_by(staff_id=clinic.front_desk.id)))
    assert {str(shift.valid_to) for shift in shifts} == {"2026-11-29"}
    assert "Retired" in manager.get(f"/desk/people/{clinic.front_desk.id}").text


def test_who_comes_back_is_invited_again_and_is_the_same_person(
    app: Flask, manager: FlaskClient, clinic: Clinic
) -> None:
    page = f"/desk/people/{clinic.front_desk.id}/retire"
    send(manager, form_on(manager, page, page), {})
    token = invite(manager, email=clinic.front_desk.email)
    person = find_by_email(clinic.front_desk.email)
    assert (person.id, person.active, person.role) == (clinic.front_desk.id, True, Role.NURSE)
    assert app.test_client().get(f"/desk/invitation/{token}").status_code == 200


def test_a_manager_neither_retires_nor_demotes_themselves(manager: FlaskClient) -> None:
    own = db.session.scalars(select(Staff).filter_by(role=Role.MANAGER)).one()
    for path in ("role", "retire"):
        assert manager.get(f"/desk/people/{own.id}/{path}").status_code == 403
        answer = manager.post(f"/desk/people/{own.id}/{path}", data={"role": "nurse"})
        assert answer.status_code == 403
    assert find_by_email(own.email).role is Role.MANAGER


@pytest.mark.parametrize("step", ["role", "retire", "link"])
def test_invariant_15_a_form_shown_before_another_change_changes_nothing(
    manager: FlaskClient, clinic: Clinic, step: str
) -> None:
    page = f"/desk/people/{clinic.front_desk.id}/{step}"
    form = form_on(manager, page, page)
    set_password(clinic.front_desk.email, PASSWORD, NOW)
    answer = send(manager, form, {"role": "manager"})
    assert answer.status_code == 422
    assert "Something has changed since this page was opened." in answer.text
    person = find_by_email(clinic.front_desk.email)
    assert (person.role, person.active) == (Role.FRONT_DESK, True)


@pytest.mark.parametrize("step", ["role", "retire", "link"])
def test_what_is_sent_twice_is_done_once(manager: FlaskClient, clinic: Clinic, step: str) -> None:
    page = f"/desk/people/{clinic.front_desk.id}/{step}"
    form = form_on(manager, page, page)
    answers = [send(manager, form, {"role": "nurse"}).location for _ in range(2)]
    assert answers == [f"/desk/people/{clinic.front_desk.id}"] * 2
    done = {"role": "change_role", "retire": "retire", "link": "make_invitation"}[step]
    assert actions().count(done) == 1
