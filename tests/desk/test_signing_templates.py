"""Signing a template: with one's password, which is kept nowhere, and once."""

import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.clock import now
from booking.db.idempotency import IdempotencyKey
from booking.extensions import db
from booking.series import template_operations as templates
from booking.series.models import ScheduleTemplate, TemplateDraft
from booking.series.template_queries import list_versions
from booking.series.templates import Template
from booking.staff import operations as staff
from booking.staff.interrupted_forms import InterruptedForm
from tests.builders import NOW, Clinic
from tests.desk.page_forms import form_on, send
from tests.desk.signed_in import PASSWORD
from tests.desk.template_scenarios import TEMPLATE, TEMPLATE_TYPED, sign_template


def test_a_wrong_password_signs_nothing_and_slows_the_next_try(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    scenario = sign_template(clinic, practitioner)
    for _ in range(12):
        data = {**scenario.typed, "password": "not this one"}
        answer = practitioner.post(scenario.action, data=data)
        assert answer.status_code == 422
        assert "Read again" in answer.text
        assert "not this one" not in answer.text
    assert "Too many tries. Wait" in answer.text
    assert practitioner.post(scenario.action, data=scenario.typed).status_code == 422
    assert [row.version for row in list_versions("recommended")] == [1]


def test_the_password_is_kept_nowhere(
    practitioner: FlaskClient, clinic: Clinic, clock: time_machine.Traveller
) -> None:
    scenario = sign_template(clinic, practitioner)
    form = scenario.form(practitioner)
    staff.end_sessions(clinic.practitioner.id, NOW)
    send(practitioner, form, scenario.typed)
    (interrupted,) = db.session.scalars(select(InterruptedForm))
    assert PASSWORD not in str(interrupted.fields)
    assert "Read again" in str(interrupted.fields)


def test_sent_twice_with_another_password_it_is_signed_once(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    scenario = sign_template(clinic, practitioner)
    form = scenario.form(practitioner)
    for _ in range(2):
        assert send(practitioner, form, scenario.typed).location == TEMPLATE
    assert [row.version for row in list_versions("recommended")] == [2, 1]
    (key,) = db.session.scalars(select(IdempotencyKey))
    assert PASSWORD not in str(key.answer)


def test_a_template_changed_behind_its_signature_is_marked(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    scenario = sign_template(clinic, practitioner)
    practitioner.post(scenario.action, data=scenario.typed)
    row = list_versions("recommended")[0]
    other = Template.from_dict(row.data).to_dict() | {"talk_therapy_weeks": 9}
    db.session.execute(
        db.update(ScheduleTemplate).where(ScheduleTemplate.id == row.id).values(data=other)
    )
    assert "Changed after it was signed: do not use it" in practitioner.get(TEMPLATE).text
    db.session.rollback()


def test_who_signed_meanwhile_is_said(
    practitioner: FlaskClient, clinic: Clinic, clock: time_machine.Traveller
) -> None:
    scenario = sign_template(clinic, practitioner)
    form = form_on(practitioner, f"{TEMPLATE}/edit", f"{TEMPLATE}/edit")
    clock.shift(60)
    doctor = clinic.practitioner.id
    templates.sign_draft("recommended", doctor, "Checked", "Same", now())
    answer = send(practitioner, form, TEMPLATE_TYPED)
    assert answer.status_code == 422
    assert "A version was signed" in answer.text
    assert scenario.page == f"{TEMPLATE}/draft"
    assert practitioner.get(scenario.page).location == TEMPLATE
    assert db.session.scalars(select(TemplateDraft)).all() == []
