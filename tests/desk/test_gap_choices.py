"""A gap over the limit asks the practitioner at the desk: go on, a phase once more, or the end."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from booking.appointments import attendance
from booking.appointments.rules import Outcome
from booking.extensions import db
from booking.series.models import InfusionSeries
from booking.series.progress import SeriesStatus
from booking.series.queries import get_phases, list_sessions
from booking.series.revisions import list_revisions
from booking.tasks.models import TaskKind
from tests.builders import Clinic, a_closure
from tests.desk.page_forms import form_on, send
from tests.desk.signed_in import sign_in
from tests.series.prescribed import RECOMMENDED, a_booked_series, appointments, tasks_of

ASKED = "A gap is over the limit."


@pytest.fixture
def series(clinic: Clinic, clock: time_machine.Traveller) -> InfusionSeries:
    """A series whose third session was missed, with nothing free until its gap is over the limit."""
    series = a_booked_series(clinic, RECOMMENDED)
    first, second, third, *_ = appointments(series)
    for appointment in (first, second):
        attendance.check_in(appointment.id, appointment.starts_at, "staff:1")
        attendance.fulfil(appointment.id, Outcome.TREATED, appointment.ends_at, "staff:1")
    attendance.mark_no_show(third.id, third.ends_at, "staff:1")
    clock.move_to(third.ends_at)
    for days in range(1, 7):
        a_closure(clinic.location, third.local_date + timedelta(days=days))
    return series


def page_of(series: InfusionSeries) -> str:
    return f"/desk/sessions/{list_sessions(series.id)[2].session.id}/heal"


def choose(browser: FlaskClient, series: InfusionSeries, **typed: str) -> int:
    page = page_of(series)
    return send(browser, form_on(browser, page, page), typed).status_code


def test_a_phase_is_given_once_more_with_a_reason(
    series: InfusionSeries, practitioner: FlaskClient, clinic: Clinic
) -> None:
    text = practitioner.get(page_of(series)).text
    assert ASKED in text
    assert text.index("Go on without it") < text.index("Once more: Twice a week")
    assert text.index("Once more: Twice a week") < text.index("End the series")
    assert choose(practitioner, series, way="phase-0") == 422
    assert list_revisions(series.id) == []
    assert choose(practitioner, series, way="phase-0", reason="Two weeks without") == 302
    (revision,) = list_revisions(series.id)
    assert (revision.revised_by_id, revision.reason) == (
        clinic.practitioner.id,
        "Two weeks without",
    )
    phases = get_phases(db.session.get_one(InfusionSeries, series.id))
    assert [phase.sessions for phase in phases] == [3, 6, None]
    assert tasks_of(TaskKind.DECIDE_AFTER_MISS) == []
    assert "Two weeks without" in practitioner.get(f"/desk/series/{series.id}").text


def test_the_series_is_ended_there_with_a_reason(
    series: InfusionSeries, practitioner: FlaskClient, clinic: Clinic
) -> None:
    assert choose(practitioner, series, way="end") == 422
    assert choose(practitioner, series, way="end", reason="No effect") == 302
    assert db.session.get_one(InfusionSeries, series.id).status is SeriesStatus.STOPPED
    text = practitioner.get(f"/desk/series/{series.id}").text
    assert f"Stopped, decided by {clinic.practitioner.name}: No effect" in text


@pytest.mark.parametrize("way", ["phase-0", "end", "phase-x", "phase-9", "nonsense"])
def test_nobody_else_decides_and_nothing_else_is_chosen(
    series: InfusionSeries, desk: FlaskClient, way: str
) -> None:
    text = desk.get(page_of(series)).text
    assert ASKED in text
    assert "Once more:" not in text
    page = page_of(series)
    assert desk.post(page, data={"way": way, "reason": "Because"}).status_code == 422
    assert list_revisions(series.id) == []


@pytest.mark.parametrize("way", ["phase-x", "phase-9", "phase-"])
def test_a_phase_that_there_is_not_is_refused(
    series: InfusionSeries, practitioner: FlaskClient, way: str
) -> None:
    assert choose(practitioner, series, way=way, reason="Because") == 422


def test_what_was_booked_meanwhile_is_shown_first(
    series: InfusionSeries, practitioner: FlaskClient, clinic: Clinic
) -> None:
    page = page_of(series)
    form = form_on(practitioner, page, page)
    third = appointments(series)[2].local_date
    for days in range(7, 12):
        a_closure(clinic.location, third + timedelta(days=days))
    answer = send(practitioner, form, {"way": "phase-0", "reason": "Because"})
    assert answer.status_code == 422
    assert list_revisions(series.id) == []


def test_a_miss_that_can_be_made_up_asks_nothing_about_the_limit(
    app: Flask, clinic: Clinic, clock: time_machine.Traveller
) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    first = appointments(series)[0]
    clock.move_to(first.ends_at)
    attendance.mark_no_show(first.id, first.ends_at, "staff:1")
    page = f"/desk/sessions/{list_sessions(series.id)[0].session.id}/heal"
    text = sign_in(app, clinic.practitioner).get(page).text
    assert ASKED not in text
    assert "Once more:" not in text
