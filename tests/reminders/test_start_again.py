"""Who wants texts again is texted once the provider lets texts go, and a person sees it where it doesn't."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from booking.desk.texts.views import explain_reply_problem
from booking.extensions import db
from booking.messaging.models import InboundMessage
from booking.messaging.opt_outs import PROVIDER, is_opted_out, record_opt_out
from booking.messaging.rules import ReplyMeaning
from booking.reminders.conversations import find_reply_problem
from booking.reminders.inbound import receive_reply
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind
from tests.builders import NOW
from tests.reminders.prepared import PHONE, a_clinic_that_reminds
from tests.reminders.signed import OURS

pytestmark = pytest.mark.usefixtures("app")
IN_SENTENCES = ("START please", "Yep", "Comenzar", "Start.")


@pytest.fixture(autouse=True)
def clinic(app: Flask) -> None:
    a_clinic_that_reminds()


def receive(*bodies: str, at: datetime = NOW) -> ReplyMeaning | None:
    """Take texts a minute apart; return what the last means."""
    meaning = None
    for number, body in enumerate(bodies):
        moment = at + timedelta(minutes=number)
        meaning = receive_reply(f"IN{number}", PHONE, OURS, body, moment)
    return meaning


def is_to_be_read() -> bool:
    ids = list(db.session.scalars(db.select(InboundMessage.id)))
    return bool(tasks.list_tasks_about(TaskKind.READ_TEXT, "inbound", ids))


@pytest.mark.parametrize("body", IN_SENTENCES)
def test_a_start_that_the_provider_does_not_obey_is_read_by_a_person(body: str) -> None:
    assert receive("STOP", body) is ReplyMeaning.START
    assert is_opted_out(PHONE)
    assert is_to_be_read()


@pytest.mark.parametrize("body", ["START", " start ", "Yes", "UNSTOP"])
def test_the_providers_own_word_lifts_a_stop(body: str) -> None:
    receive("STOP", body)
    assert not is_opted_out(PHONE)
    assert not is_to_be_read()


@pytest.mark.parametrize("body", IN_SENTENCES)
def test_a_stop_that_the_provider_never_kept_is_lifted_by_any_start(body: str) -> None:
    receive("Alto", body)
    assert not is_opted_out(PHONE)


def test_a_number_that_the_provider_refused_needs_its_own_word() -> None:
    record_opt_out(PHONE, PROVIDER, NOW)
    receive("START please")
    assert is_opted_out(PHONE)
    assert is_to_be_read()


def test_a_stop_of_before_the_last_start_is_over() -> None:
    receive("STOP", "START", "Alto", "START please")
    assert not is_opted_out(PHONE)


def test_the_desk_is_told_which_word_lifts_a_stop() -> None:
    receive("STOP", "START please")
    problem = find_reply_problem(PHONE, NOW)
    assert problem is not None
    assert "until its owner texts START, that word alone" in explain_reply_problem(problem)
