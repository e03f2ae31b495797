"""Real processes use one plan twice, move into its times, and answer yes and no, at one moment."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from booking import create_app
from booking.appointments import operations as appointment_operations
from booking.appointments.guards import ChangeRefused
from booking.appointments.impossible import filter_impossible
from booking.calendars import operations as calendars
from booking.calendars.operations import SlotTaken
from booking.db.transactions import OverlapError
from booking.extensions import db
from booking.messaging.models import Message
from booking.outages.answers import ChoiceOver, accept_times, decline_times
from booking.outages.applying import apply_plan
from booking.outages.models import AffectedPatient, OutagePlan
from booking.outages.queries import list_records
from booking.outages.rules import AnswerStatus
from booking.outages.settling import update_open_patients
from tests.builders import NOW, Clinic, an_infusion, local
from tests.databases import settings_for
from tests.forked import exit_code, forkserver
from tests.outages.cases import WIDE, affected_patients, case_now, closed_between, planned
from tests.series.prescribed import a_booked_series

REFUSALS = (ChoiceOver, SlotTaken, OverlapError, ChangeRefused)
Act = tuple[str, Any]  # the name of an action, and what it is about


def take_part(database_url: str, acts: list[Act], shot: Any) -> None:
    """Do one thing after another, each at the same moment as all others do theirs."""
    with create_app(settings_for(database_url)).app_context():
        for name, subject in acts:
            shot.wait(60)
            with suppress(*REFUSALS):
                ACTIONS[name](subject)
            db.session.rollback()


def _use(subject: tuple[int, int]) -> None:
    apply_plan(*subject, NOW)


def _move(subject: tuple[int, datetime]) -> None:
    appointment_operations.move(*subject, NOW, "staff:1")


def _accept(_: None) -> None:
    for affected_id in db.session.scalars(select(AffectedPatient.id)).all():
        accept_times(affected_id, NOW, "online")


def _decline(_: None) -> None:
    for affected_id in db.session.scalars(select(AffectedPatient.id)).all():
        decline_times(affected_id, NOW, "online")


def _tick(_: None) -> None:
    update_open_patients(NOW)


ACTIONS: dict[str, Callable[[Any], None]] = {
    "use": _use,
    "move": _move,
    "accept": _accept,
    "decline": _decline,
    "tick": _tick,
}


def race(database_url: str, acts: list[list[Act]]) -> None:
    """Let as many processes as there are lists do what is in them."""
    shot = forkserver.Barrier(len(acts))
    racers = [
        forkserver.Process(target=take_part, args=(database_url, each, shot)) for each in acts
    ]
    for racer in racers:
        racer.start()
    assert [exit_code(racer, 90) for racer in racers] == [0] * len(racers)


@pytest.fixture
def plan(clinic: Clinic) -> OutagePlan:
    """A plan that moves three visits of one series, two of which could stay."""
    return planned(closed_between(clinic, a_booked_series(clinic, WIDE)), clinic)[0]


def test_all_of_a_persons_times_are_held_once_or_none_and_all_of_them_move_or_none(
    database_url: str, clinic: Clinic, plan: OutagePlan
) -> None:
    time = datetime.fromisoformat(plan.moves[-1]["starts_at"])
    later = NOW.date() + timedelta(days=28)
    others = [an_infusion(clinic, local(hour, day=later)).id for hour in (10, 12)]
    use = ("use", (plan.id, clinic.practitioner.id))
    race(
        database_url,
        [
            [use, ("accept", None)],
            [use, ("accept", None)],
            [("move", (others[0], time)), ("decline", None)],
            [("move", (others[1], time)), ("tick", None)],
        ],
    )
    (affected,) = affected_patients()
    records = list_records(affected.id)
    assert case_now().decided_at == NOW
    assert db.session.scalar(select(func.count()).where(Message.kind == "choice")) <= 1
    has_moved = {record.appointment.sequence == 1 for record in records}
    assert has_moved == {affected.status is AnswerStatus.ACCEPTED}
    hit_ids = {record.appointment.id for record in records if record.affected.is_hit}
    series_ids = [record.appointment.id for record in records]
    assert filter_impossible(series_ids) == (set() if has_moved == {True} else hit_ids)
    assert all(bool(calendars.claimed_resource_ids(key)) for key in {*series_ids} - hit_ids)
    assert all(record.affected.hold_id is None for record in records)
