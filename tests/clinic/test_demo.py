"""The demo clinic is half full, alive today, and names nobody real."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import ColumnElement, func, select

from booking import create_app
from booking.appointments.models import Appointment
from booking.appointments.queries import find_by_token
from booking.appointments.rules import Outcome, Status
from booking.calendars import availability
from booking.calendars.models import Claim
from booking.calendars.rules import compute_start_cells
from booking.calendars.slots import list_slots
from booking.clock import local_date
from booking.demo.operations import find_open_form, prepare
from booking.extensions import db
from booking.messaging.models import Message
from booking.mood.models import MoodSchedule
from booking.mood.operations import get_patient_of_form
from booking.mood.queries import draw_series_scores, find_mood_form, is_open, list_forms
from booking.patients.models import CallRequest, Patient
from booking.reminders.queries import list_changed_appointments
from booking.series import template_operations as templates
from booking.series.gap_rules import list_gap_violations
from booking.series.models import InfusionSeries, Session
from booking.series.progress import SessionState
from booking.series.queries import get_phases, list_sessions, list_standing_sessions
from booking.series.template_queries import find_newest_version
from booking.series.templates import Template
from booking.staff.models import Role, Staff
from booking.tasks.models import Task, TaskKind
from tests.databases import settings_for
from tests.demo.filled import copy_filled_database

NOON = datetime(2026, 12, 2, 19, 10, tzinfo=UTC)  # Wednesday, 12:10 in Phoenix
TODAY = local_date(NOON, "America/Phoenix")


@pytest.fixture(scope="module", autouse=True)
def _filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    path = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    copy_filled_database(NOON, path)
    app = create_app({**settings_for(f"sqlite:///{path}"), "DEMO": True})
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()


def appointments(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count(Appointment.id)).where(*conditions)) or 0


@pytest.mark.parametrize("slug", ["ahwatukee", "scottsdale"])
def test_plenty_of_consultations_are_left(slug: str) -> None:
    slots = list_slots("consultation", [slug], TODAY, TODAY + timedelta(days=21), NOON)
    assert len(slots) > 100


def test_each_coming_day_of_the_month_has_lost_half_its_consultations() -> None:
    catalogue = availability.current_catalogue()
    demand = catalogue.services["consultation"].demand
    wanted = [(location, demand) for location in catalogue.locations.values()]
    tomorrow, last = TODAY + timedelta(days=1), TODAY + timedelta(days=29)
    for place, starts in availability.list_starts_by_day(wanted, tomorrow, last, NOON):
        empty = place.free_day(starts.free.day.local_date)
        assert starts.starts.bit_count() <= compute_start_cells(demand, empty).bit_count() / 2


def test_today_has_people_seen_and_people_here() -> None:
    today = Appointment.local_date == TODAY
    assert appointments(today, Appointment.status == Status.FULFILLED) >= 3
    assert appointments(today, Appointment.status == Status.ARRIVED) >= 1
    assert appointments(today, Appointment.status == Status.BOOKED) >= 3


def test_nothing_past_is_left_open() -> None:
    assert appointments(Appointment.ends_at < NOON, Appointment.status == Status.BOOKED) == 0


def test_several_series_are_in_progress_and_keep_their_gaps() -> None:
    statement = select(func.count(Session.id)).where(Session.state == SessionState.DONE)
    assert (db.session.scalar(statement) or 0) > 50
    assert appointments(Appointment.outcome == Outcome.TREATED) > 50
    for series in db.session.scalars(select(InfusionSeries)):
        sessions = list_sessions(series.id)
        if all(session.session.state is not SessionState.MISSED for session in sessions):
            assert list_gap_violations(get_phases(series), list_standing_sessions(sessions)) == []


def test_every_appointment_to_come_claims_what_it_needs() -> None:
    statement = select(Claim.appointment_id).distinct()
    coming = (Appointment.starts_at > NOON, Appointment.status == Status.BOOKED)
    assert appointments(*coming, Appointment.id.not_in(statement)) == 0


def test_nobody_can_be_reached_for_real() -> None:
    people = db.session.execute(select(Patient.phone, Patient.email)).all()
    phones = [phone for phone, _ in people] + list(db.session.scalars(select(CallRequest.phone)))
    assert {phone[5:10] for phone in phones} == {"55501"}
    assert all(email is None or email.endswith("@example.com") for _, email in people)


def test_few_are_sent_messages_so_that_the_outbox_stays_readable() -> None:
    everyone = db.session.scalar(select(func.count(Patient.id)))
    reached = db.session.scalar(select(func.count(Patient.email)))
    assert 0.05 < reached / everyone < 0.25


def test_the_scheduler_begins_with_little_to_derive() -> None:
    assert len(list_changed_appointments(NOON)) < 150
    assert db.session.scalar(select(func.count(Message.id))) == 0


@pytest.mark.parametrize("slug", ["ahwatukee", "scottsdale"])
def test_a_series_at_each_location_has_forms_whose_line_falls(slug: str) -> None:
    location = availability.current_catalogue().locations[slug]
    (series,) = db.session.scalars(
        select(InfusionSeries)
        .join(MoodSchedule, MoodSchedule.series_id == InfusionSeries.id)
        .where(InfusionSeries.location_id == location.id)
    )
    newest, *answered = list_forms(series.id)
    assert newest.answered_at is None
    scores = [form.score or 0 for form in answered]
    assert len(scores) >= 2
    assert scores == sorted(scores)
    assert draw_series_scores(series) is not None
    assert db.session.scalars(select(Task).filter_by(kind=TaskKind.CRISIS)).all() == []


def test_a_form_is_open_to_be_filled_in() -> None:
    links = find_open_form(NOON)
    assert links
    form_token, token, born = links
    form = find_mood_form(form_token)
    assert form
    assert is_open(form, NOON)
    assert get_patient_of_form(form).birth_date == born
    assert find_by_token(token)


def test_whoever_is_in_a_series_was_seen_at_a_consultation_first() -> None:
    for series in db.session.scalars(select(InfusionSeries)):
        (consultation,) = db.session.scalars(
            select(Appointment).filter_by(patient_id=series.patient_id, is_infusion=False)
        )
        assert consultation.outcome is Outcome.SEEN
        assert consultation.starts_at < series.prescribed_at


def test_a_second_start_keeps_what_was_signed_at_the_desk() -> None:
    doctor = db.session.scalars(
        select(Staff.id).filter_by(role=Role.PRACTITIONER).order_by(Staff.id)
    ).first()
    newest = find_newest_version("booster")
    assert newest is not None
    assert doctor is not None
    templates.save_draft(Template.from_dict(newest.data), doctor, NOON, is_new=False)
    row = templates.sign_draft("booster", doctor, "Checked", "The same", NOON)
    assert not prepare(NOON)
    assert find_newest_version("booster") == row
