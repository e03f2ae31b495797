"""Notes, findings, safety answers and scores are for clinicians; the desk sees that one decides."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from booking.db.transactions import transaction
from booking.extensions import db
from booking.mood import operations as mood
from booking.patients.models import Patient
from booking.screening import flags
from booking.screening import operations as screening
from booking.screening.models import FlagKind
from booking.screening.rules import Finding
from booking.series.models import InfusionSeries, SeriesPause
from booking.staff.models import Role, Staff
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, Task, TaskKind
from tests.builders import BORN, NOW, Clinic, a_booking, answers, local
from tests.desk.signed_in import sign_in
from tests.mood.asked import an_asked_series, ask, nine_on
from tests.promises.test_pages import SAMPLES, address, rules
from tests.staff.managers import a_manager

FINDING_NOTE, SERIES_NOTE = "Unmistakable finding", "Unmistakable prescription"
QUESTION = "pregnan"
SCORE = "PHQ-9: 16"
NEW_FINDING = "Not suitable"
PAUSE_REASON = "Blood pressure too high since June"
CLINICAL = (PAUSE_REASON, FINDING_NOTE, SERIES_NOTE, QUESTION, SCORE, NEW_FINDING)
# Where whoever books by phone reads the questions aloud and ticks what is answered
ASKS_QUESTIONS = "desk.choose_time"


@pytest.fixture
def series(clinic: Clinic) -> InfusionSeries:
    """A series of a patient about whom there is something of each kind to read."""
    series = an_asked_series(clinic)
    (form,) = ask(nine_on(series))
    mood.answer_form(form.token, [2] * 8 + [0], nine_on(series))
    with transaction():
        series = db.session.get_one(InfusionSeries, series.id)
        series.note = SERIES_NOTE
        pause = SeriesPause(
            series_id=series.id, first_day=local(10).date(), paused_by_id=clinic.practitioner.id,
            paused_at=NOW, reason=PAUSE_REASON, decision_reason="",
        )  # fmt: skip
        db.session.add(pause)
    appointment = a_booking(answers=answers(pregnancy=True))
    for patient_id in (series.patient_id, appointment.patient_id):
        patient = screening_patient(patient_id)
        screening.record_finding(
            patient, Finding.NOT_SUITABLE, clinic.practitioner.id, NOW, note=FINDING_NOTE
        )
    flags.raise_flag(
        FlagKind.CALL_FIRST, ("pregnancy",), BORN, NOW, "test", patient_id=series.patient_id
    )
    return series


def screening_patient(patient_id: int | None) -> Patient:
    return db.session.get_one(Patient, patient_id)


def pages_of(app: Flask, series: InfusionSeries) -> Iterator[tuple[Rule, str]]:
    """Yield what is read at the desk about a patient, a list of many, and each download."""
    values = {**SAMPLES, "patient_id": series.patient_id, "series_id": series.id}
    for rule in rules(app):
        if rule.endpoint.startswith("desk.") and "GET" in (rule.methods or ()):
            yield rule, address(app, rule, **values)


def read(browser: FlaskClient, series: InfusionSeries) -> dict[str, set[str]]:
    """Return what of all that is clinical somebody reads, by endpoint."""
    seen: dict[str, set[str]] = {}
    for rule, path in pages_of(browser.application, series):
        text = browser.get(path).text
        if found := {words for words in CLINICAL if words.lower() in text.lower()}:
            seen[rule.endpoint] = found
    return seen


def somebody(app: Flask, role: Role) -> FlaskClient:
    people = db.select(Staff).filter_by(role=role)
    return sign_in(app, db.session.scalars(people).first() or a_manager())


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.MANAGER])
def test_whoever_is_no_clinician_reads_nothing_clinical_on_any_page(
    app: Flask, series: InfusionSeries, role: Role
) -> None:
    seen = read(somebody(app, role), series)
    assert {name: words for name, words in seen.items() if name != ASKS_QUESTIONS} == {}


@pytest.mark.parametrize("role", [Role.NURSE, Role.PRACTITIONER])
def test_clinicians_read_all_of_it(app: Flask, series: InfusionSeries, role: Role) -> None:
    seen = read(somebody(app, role), series)
    assert set().union(*seen.values()) == set(CLINICAL)
    assert {"desk.show_patient", "desk.show_series"} <= seen.keys()


def test_the_desk_sees_that_there_is_a_flag_and_who_decides(
    desk: FlaskClient, series: InfusionSeries
) -> None:
    page = desk.get(f"/desk/patients/{series.patient_id}").text
    assert "Flag: practitioner decides" in page
    assert "Not cleared for infusions" in page


def a_task(owner: Owner, series: InfusionSeries) -> Task:
    tasks.open_task(TaskKind.REVIEW_SERIES, owner, "series", series.id, NOW, NOW)
    return tasks.list_open_tasks(TaskKind.REVIEW_SERIES)[0]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("owner", list(Owner))
def test_a_practitioners_task_is_closed_by_one_only(
    app: Flask, series: InfusionSeries, role: Role, owner: Owner
) -> None:
    task, browser = a_task(owner, series), somebody(app, role)
    may = owner is Owner.FRONT_DESK or role is Role.PRACTITIONER
    path = f"/desk/tasks/{task.id}/done"
    assert (path in browser.get("/desk/tasks").text) is may
    assert browser.post(path, data={"note": "Seen"}).status_code == (302 if may else 403)
    assert (tasks.find_task(task.id).done_at is not None) is may
