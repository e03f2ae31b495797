"""A clinic file that makes appointments impossible names each, and has somebody call about each once."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from booking import clock
from booking.appointments import operations as appointment_operations
from booking.appointments.impossible import list_impossible_appointments
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.clinic.models import ClinicLoad
from booking.extensions import db
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, Task
from tests.builders import NOW, local
from tests.clinic.appointments import (
    DAY,
    Made,
    a_clinic_with_appointments,
    booked,
    called,
    calls,
    closed,
    command,
    named_in,
    shown,
)
from tests.clinic.files import DEMO, changed
from tests.clinic.hurting import AT_AHWATUKEE, CHANGES


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def made(app: Flask) -> Made:
    return a_clinic_with_appointments()


@pytest.mark.parametrize("change", CHANGES)
def test_each_appointment_hurt_is_named_and_called_about_once(
    app: Flask, made: Made, tmp_path: Path, change: str
) -> None:
    text, hurt, why = CHANGES[change][0](), CHANGES[change][1], CHANGES[change][2]
    dry = command(app, tmp_path, text, "--dry-run")
    assert made.names_of(named_in(dry.output)) == hurt
    assert (calls(), db.session.scalar(select(func.count(ClinicLoad.id)))) == ([], 1)
    real = command(app, tmp_path, text)
    assert named_in(real.output) == named_in(dry.output)
    assert made.names_of(called()) == hurt
    assert why in {task.details["why"] for task in calls()}
    again = command(app, tmp_path, text)
    assert named_in(again.output) == named_in(dry.output)
    assert len(calls()) == len(hurt)
    command(app, tmp_path, DEMO)
    assert (calls(), made.names_of(called(done=True))) == ([], hurt)


def test_a_line_tells_the_reference_the_local_time_and_why(
    app: Flask, made: Made, tmp_path: Path
) -> None:
    run = command(app, tmp_path, CHANGES["chairs"][0](), "--dry-run")
    told = f"appointment {made.infusion.reference}, {shown(made.infusion.starts_at)}"
    assert f"{told}: Chair 1 is no longer there" in run.output
    assert "1 appointment can't take place as booked" in run.output


def test_a_patients_name_is_in_no_line(app: Flask, made: Made, tmp_path: Path) -> None:
    run = command(app, tmp_path, closed())
    assert made.names_of(named_in(run.output)) == AT_AHWATUKEE
    assert "Person" not in run.output


def test_a_change_that_hurts_nobody_names_nobody(app: Flask, made: Made, tmp_path: Path) -> None:
    for text in (
        changed(('["Chair 1", "Chair 2", "Chair 3", "Chair 4"]', '["Chair 1", "Chair 2"]')),
        changed(('time_zone = "America/Phoenix"', 'time_zone = "America/Denver"')),  # MST in winter
        changed(("minutes = 45\nnotice", "minutes = 30\nnotice")),
        closed(first=DAY + timedelta(days=1), last=DAY + timedelta(days=1)),
    ):
        assert named_in(command(app, tmp_path, text).output) == set()
    assert calls() == []


def test_what_is_over_held_or_cancelled_is_not_named(
    app: Flask, made: Made, tmp_path: Path
) -> None:
    appointment_operations.cancel(made.consultation.id, NOW, "staff:1", by_patient=True)
    assert made.names_of(named_in(command(app, tmp_path, closed()).output)) == {
        "infusion",
        "follow_up",
    }


def test_calls_are_the_desks_and_due_before_in_working_time_the_earliest_first(
    app: Flask, made: Made, tmp_path: Path
) -> None:
    later = booked("consultation", "ahwatukee", 9, DAY + timedelta(days=2))
    tomorrow = booked("consultation", "ahwatukee", 9, date(2026, 12, 1))
    command(app, tmp_path, closed(first=date(2026, 12, 1), last=DAY + timedelta(days=2)))
    found = calls()
    assert {task.owner for task in found} == {Owner.FRONT_DESK}
    assert found[0].subject_id == tomorrow.id
    assert found[-1].subject_id == later.id
    due = [task.due_at for task in found]
    assert due == sorted(due)
    assert due[0] == local(17, 30, date(2026, 11, 30))
    assert all(NOW < task.due_at < _of(task).starts_at for task in found)


def _of(task: Task) -> Appointment:
    return db.session.get_one(Appointment, task.subject_id)


def test_two_closures_of_a_day_ask_for_one_call_and_both_must_end(
    app: Flask, made: Made, tmp_path: Path
) -> None:
    command(app, tmp_path, closed())
    twice = closed("Painting", DAY, DAY + timedelta(days=1), text=closed())
    command(app, tmp_path, twice)
    command(app, tmp_path, closed("Painting", DAY, DAY + timedelta(days=1)))
    assert (len(calls()), len(calls(done=True))) == (3, 0)
    command(app, tmp_path, DEMO)
    assert (len(calls()), len(calls(done=True))) == (0, 3)


def test_a_call_that_was_made_is_not_asked_for_again(
    app: Flask, made: Made, tmp_path: Path
) -> None:
    command(app, tmp_path, closed())
    for task in calls():
        tasks.finish_task(task.id, 1, "called", NOW, is_practitioner=True)
    command(app, tmp_path, closed())
    command(app, tmp_path, changed(("horizon_days = 60", "horizon_days = 30"), text=closed()))
    assert calls() == []


def test_a_closure_that_comes_back_asks_for_a_new_call(
    app: Flask, made: Made, tmp_path: Path
) -> None:
    for text in (closed(), DEMO, closed()):
        command(app, tmp_path, text)
    assert (made.names_of(called()), len(calls(done=True))) == (AT_AHWATUKEE, 3)


def test_moving_or_cancelling_settles_the_call(app: Flask, made: Made, tmp_path: Path) -> None:
    command(app, tmp_path, closed())
    other_day = local(9, day=DAY + timedelta(days=1))
    appointment_operations.move(made.consultation.id, other_day, NOW, "staff:1")
    appointment_operations.cancel(made.follow_up.id, NOW, "staff:1", by_patient=True)
    assert made.names_of(called()) == {"infusion"}
    command(app, tmp_path, closed())
    assert made.names_of(called()) == {"infusion"}


def test_a_call_goes_on_where_the_appointment_is_moved_and_still_impossible(
    app: Flask, made: Made, tmp_path: Path
) -> None:
    command(app, tmp_path, CHANGES["service"][0]())
    asked = calls()[0].due_at
    later = local(16, day=DAY + timedelta(days=5))
    appointment_operations.move(made.follow_up.id, later, NOW, "staff:1")
    assert made.names_of(called()) == {"follow_up"}
    assert (calls()[0].due_at > asked, calls()[0].details["sequence"]) == (True, 1)
    command(app, tmp_path, DEMO)
    assert calls() == []


def test_moving_gives_an_appointment_what_its_service_takes_now(
    app: Flask, made: Made, tmp_path: Path
) -> None:
    command(app, tmp_path, CHANGES["needs"][0]())
    moved = appointment_operations.move(
        made.consultation.id, made.consultation.starts_at, NOW, "staff:1"
    )
    assert {need["minutes"] for need in moved.needs} == {70, 55}
    assert moved.id not in list_impossible_appointments(availability.current_catalogue(), NOW)


def test_the_local_time_is_the_promise_though_the_zone_changes_and_back(
    app: Flask, made: Made, tmp_path: Path
) -> None:
    starts_at = made.consultation.starts_at
    run = command(app, tmp_path, CHANGES["time zone"][0]())
    assert f"{made.consultation.reference}, {shown(starts_at)}: the location's clocks" in run.output
    two_hours_earlier = starts_at - timedelta(hours=2)  # nine o'clock in New York
    moved = appointment_operations.move(made.consultation.id, two_hours_earlier, NOW, "staff:1")
    assert moved.id not in list_impossible_appointments(availability.current_catalogue(), NOW)


@pytest.mark.usefixtures("made")
def test_many_appointments_are_judged_by_a_fixed_number_of_queries(app: Flask) -> None:
    for day in range(1, 15):
        booked("follow-up", "ahwatukee", 10, DAY + timedelta(days=7 * day))
    catalogue, asked = availability.current_catalogue(), list[str]()

    def note(_c: object, _cu: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    list_impossible_appointments(catalogue, NOW)
    event.remove(db.engine, "before_cursor_execute", note)
    assert len([one for one in asked if one.startswith("SELECT")]) == 2
