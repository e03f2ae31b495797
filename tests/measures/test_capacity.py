"""The weeks to come as the tables have them: what is booked, and what series will need beyond that."""

from collections.abc import Collection
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from booking.appointments import holds
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars import availability
from booking.calendars.models import Claim
from booking.db.transactions import transaction
from booking.extensions import db
from booking.measures.capacity import Capacity, read_capacity
from booking.measures.foresight import ForeseenSessionKind
from booking.series import endings
from booking.series import operations as series_operations
from booking.series.models import InfusionSeries, Session
from booking.series.progress import SeriesStatus, SessionState
from booking.series.queries import list_sessions
from tests.builders import NOW, TOMORROW, Clinic, a_clinic, local
from tests.measures.lived import add_series
from tests.series.prescribed import RECOMMENDED, SIX, a_booked_series, a_series, a_template
from tests.statements import statements

KNOWN = tuple(kind for kind in ForeseenSessionKind if kind is not ForeseenSessionKind.NEW)
WEEKLY = RECOMMENDED[1:]


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic(weekdays=range(5), chairs=4, nurses=2)


def read(kinds: Collection[ForeseenSessionKind] = KNOWN) -> Capacity:
    location = availability.current_catalogue().locations["ahwatukee"]
    return read_capacity(location, NOW, kinds)


def chair_hours(capacity: Capacity) -> tuple[float, float]:
    """Return the chair hours that are booked and that are foreseen."""
    chairs = [day.load.chairs for day in capacity.days]
    return sum(c.booked for c in chairs) / 12, sum(c.foreseen for c in chairs) / 12


def test_what_is_booked_is_what_chairs_and_nurses_are_claimed_for(clinic: Clinic) -> None:
    a_booked_series(clinic, SIX)
    capacity = read()
    assert chair_hours(capacity) == (6 * 1.5, 0.0)
    nurses = sum(day.load.nurses.booked for day in capacity.days) / 12
    assert nurses == 6 * (4 * 0.25 + 1.25)  # all seats of a nurse for the first quarter of an hour
    assert len(capacity.days) == 84


def test_a_series_that_goes_on_is_foreseen_from_its_last_session_on(clinic: Clinic) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    last = list_sessions(series.id)[-1].appointment
    assert last is not None
    capacity = read()
    weeks_left = (TOMORROW + timedelta(days=82) - last.local_date).days // 7
    assert capacity.foreseen[ForeseenSessionKind.ONGOING] == weeks_left > 0
    assert chair_hours(capacity)[1] == pytest.approx(1.5 * weeks_left)
    days = [day.day for day in capacity.days if day.load.chairs.foreseen]
    assert {day.weekday() for day in days} == {last.local_date.weekday()}


def test_what_is_prescribed_and_not_booked_is_foreseen_whole(clinic: Clinic) -> None:
    a_series(clinic, SIX)
    capacity = read()
    assert capacity.foreseen[ForeseenSessionKind.PRESCRIBED] == 6
    booked, foreseen = chair_hours(capacity)
    assert (booked, round(foreseen, 6)) == (0.0, 9.0)


def test_a_session_that_lost_its_time_is_foreseen_again(clinic: Clinic) -> None:
    series = a_booked_series(clinic, SIX)
    with transaction():
        third = list_sessions(series.id)[2]
        db.session.execute(
            update(Session)
            .where(Session.id == third.session.id)
            .values(state=SessionState.UNPLACED, appointment_id=None)
        )
    assert read().foreseen[ForeseenSessionKind.WITHOUT_TIME] == 1


def test_a_series_that_is_over_or_withdrawn_needs_nothing(clinic: Clinic) -> None:
    pending = a_series(clinic, SIX)
    series_operations.withdraw_prescription(pending.id, NOW, "staff:1", reason="Other plan")
    stopped = add_series(clinic, WEEKLY, [-14, -7, 7], template_id=pending.template_id)
    endings.stop_series(stopped.id, NOW, "staff:1", reason="Moved away")
    capacity = read()
    assert chair_hours(capacity) == (0.0, 0.0)
    assert (
        sum(read(tuple(ForeseenSessionKind)).foreseen.values()) > 0
    )  # the stopped one was a start


def test_new_series_are_foreseen_at_the_recent_rate(clinic: Clinic) -> None:
    a_series(clinic, SIX)
    everything = read(tuple(ForeseenSessionKind))
    assert everything.foreseen[ForeseenSessionKind.NEW] == pytest.approx(
        (10 * 6 + 4 + 2) / 8, abs=0.01
    )
    booked, foreseen = chair_hours(everything)
    assert foreseen > chair_hours(read())[1] > booked == 0


def test_a_hold_counts_until_it_expires(clinic: Clinic) -> None:
    hold = holds.create_hold("consultation", "ahwatukee", local(10), NOW)
    chair = availability.current_catalogue().locations["ahwatukee"].resource_ids[1]
    with transaction():
        claim = db.session.query(Claim).filter_by(appointment_id=hold.id).first()
        claim.resource_id = chair
    assert chair_hours(read())[0] > 0
    location = availability.current_catalogue().locations["ahwatukee"]
    later = read_capacity(location, NOW + timedelta(hours=1), KNOWN)
    assert chair_hours(later)[0] == 0


def live_long(clinic: Clinic, patients: int, sessions: int, template_id: int) -> None:
    """Let many series of long ago be over, and one go on."""
    for number in range(patients):
        days = [-7 * n - 60 for n in range(sessions, 0, -1)]
        add_series(
            clinic, WEEKLY, days, status=SeriesStatus.COMPLETED, template_id=template_id,
            hour=9 + number % 6,
        )  # fmt: skip
    add_series(clinic, WEEKLY, [-14, -7, 0, 7], template_id=template_id, hour=15)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_long_history_asks_nothing_more(clinic: Clinic) -> None:
    template_id, counts = a_template(WEEKLY).id, []
    for patients in (1, 19):
        live_long(clinic, patients, 6, template_id)
        read(tuple(ForeseenSessionKind))
        with statements() as asked:
            read(tuple(ForeseenSessionKind))
        counts.append(len(asked))
        assert not any("pending" in statement for statement in asked)
    assert counts[0] == counts[1] < 12
    running = db.session.query(InfusionSeries).filter_by(status=SeriesStatus.ACTIVE).count()
    assert (running, db.session.query(Appointment).filter_by(status=Status.FULFILLED).count()) == (
        2, 20 * 6 + 2 * 2,
    )  # fmt: skip
