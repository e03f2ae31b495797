"""Several schedulers and a double click at one moment: one form, one message, one answer, one task."""

from datetime import datetime
from typing import Any

from booking import create_app
from booking.audit.models import AuditEntry
from booking.extensions import db
from booking.mood.asking import ask_due_forms
from booking.mood.models import MoodForm
from booking.mood.operations import answer_form
from booking.tasks.models import TaskKind
from tests.builders import Clinic
from tests.databases import settings_for
from tests.forked import exit_code, forkserver
from tests.mood.asked import IN_DANGER, an_asked_series, messages, nine_on
from tests.series.prescribed import tasks_of

PROCESSES = 4


def ask_and_answer(database_url: str, now: datetime, shot: Any) -> None:
    """Be a scheduler, then somebody who presses the button, each at the same moment as all others."""
    with create_app(settings_for(database_url)).app_context():
        shot.wait(60)
        ask_due_forms(now)
        db.session.rollback()
        token = db.session.scalars(db.select(MoodForm.token)).first()
        db.session.rollback()
        shot.wait(60)
        if token is not None:
            answer_form(token, IN_DANGER, now)


def test_all_at_once_is_once(database_url: str, clinic: Clinic) -> None:
    now = nine_on(an_asked_series(clinic))
    shot = forkserver.Barrier(PROCESSES)
    racers = [
        forkserver.Process(target=ask_and_answer, args=(database_url, now, shot))
        for _ in range(PROCESSES)
    ]
    for racer in racers:
        racer.start()
    assert [exit_code(racer, 60) for racer in racers] == [0] * PROCESSES
    assert len(messages()) == 1
    (form,) = db.session.scalars(db.select(MoodForm)).all()
    assert form.answers == IN_DANGER
    assert len(tasks_of(TaskKind.CRISIS)) == 1
    actions = db.session.scalars(db.select(AuditEntry.action)).all()
    assert (actions.count("ask_for_form"), actions.count("answer_form")) == (1, 1)
