"""What waits for an answer stands, whatever else the scheduler does meanwhile."""

from datetime import timedelta

from flask import Flask

from booking.outages.answers import accept_times
from booking.outages.rules import AnswerStatus
from booking.scheduler import list_jobs
from tests.builders import Clinic, a_booking, local
from tests.outages.cases import IN_TWO_DAYS, applied, closing, current, record_of, status_of

AN_HOUR = timedelta(hours=1)


def test_a_time_is_held_until_its_end_through_every_job_of_the_scheduler(
    app: Flask, clinic: Clinic
) -> None:
    appointment = a_booking(local(10, day=IN_TWO_DAYS + timedelta(days=5)))
    (affected,) = applied(closing(clinic, 24, 7 * 24), clinic)
    new_time = record_of(affected).affected.starts_at
    assert affected.held_until is not None
    now = affected.held_until - AN_HOUR
    for _seconds, job in list_jobs(app, {}).values():
        job(now)
    assert record_of(affected).affected.hold_id is not None
    accept_times(affected.id, now, "patient")
    assert current(appointment).starts_at == new_time
    assert status_of(affected) is AnswerStatus.ACCEPTED
