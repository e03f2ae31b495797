"""What a time goes against is said before the desk books it: absences, wishes, authorisations."""

from datetime import date, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.rules import Status
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.models import InfusionSeries, PatientAbsence
from booking.series.queries import list_sessions
from tests.builders import NOW, Clinic, local
from tests.desk.page_forms import form_on, forms_on, send
from tests.desk.test_why_not import LostSession, answer, asked, book_from_answer, lose_session
from tests.series.prescribed import a_booked_series, appointments


@pytest.fixture
def lost(clinic: Clinic) -> LostSession:
    return lose_session(clinic)


def go_away(day: date) -> None:
    """The only patient is away on a day."""
    with transaction():
        series = db.session.scalars(select(InfusionSeries)).one()
        absence = PatientAbsence(
            patient_id=series.patient_id, first_day=day, last_day=day, recorded_at=NOW,
            recorded_by_id=series.prescribed_by_id,
        )  # fmt: skip
        db.session.add(absence)


def test_no_session_is_placed_on_a_day_away_without_saying_so(
    desk: FlaskClient, lost: LostSession
) -> None:
    day = lost.day(3)
    go_away(day)
    page = f"{lost.page}?date={day}"
    form = form_on(desk, page, lost.page)
    start = local(15, day=day).isoformat()
    response = send(desk, form, {"start": start})
    assert response.status_code == 422
    text = unescape(response.text)
    assert "Not done yet: something speaks against 3:00 PM" in text
    assert "The patient is away on that day." in text
    lost_appointment = list_sessions(1)[-1].appointment
    assert lost_appointment is not None
    assert lost_appointment.status is Status.CANCELLED
    (again,) = [each for each in forms_on(response.text, lost.page) if each.hidden.get("from")]
    another = local(14, day=day).isoformat()
    accepted_another = send(desk, again, {"start": start, "accepted_start": another})
    assert accepted_another.status_code == 422
    (again,) = [
        each for each in forms_on(accepted_another.text, lost.page) if each.hidden.get("from")
    ]
    assert send(desk, again, {"start": start, "accepted_start": start}).status_code == 302
    placed = list_sessions(1)[-1].appointment
    assert placed is not None
    assert placed.starts_at == local(15, day=day)


def test_a_day_away_is_marked_as_not_asked_for(desk: FlaskClient, lost: LostSession) -> None:
    go_away(lost.day(3))
    text = desk.get(f"{lost.page}?date={lost.day(3)}").text
    times = text[text.index('class="times ') :]
    assert times.count('cost-wish">not as asked for') == times.count('name="start" value=') > 0
    assert "cost-rule" not in times


def test_what_the_answer_says_needs_no_second_question(
    desk: FlaskClient, lost: LostSession
) -> None:
    go_away(lost.day(3))
    page = asked(lost.page, lost.day(3), "15:00")
    assert "Worth knowing; the desk may book it all the same: The patient is away" in answer(
        desk, page
    )
    assert book_from_answer(desk, page).status_code == 302


def test_no_session_is_moved_to_a_day_away_without_saying_so(
    clinic: Clinic, desk: FlaskClient
) -> None:
    *_, last = appointments(a_booked_series(clinic))
    day = last.local_date + timedelta(days=1)
    go_away(day)
    page = f"/desk/visits/{last.id}/move"
    start = local(15, day=day).isoformat()
    response = send(desk, form_on(desk, f"{page}?date={day}", page), {"start": start})
    assert "The patient is away on that day." in response.text
    (again,) = [each for each in forms_on(response.text, page) if each.hidden.get("from")]
    assert send(desk, again, {"start": start, "accepted_start": start}).status_code == 302
    moved = list_sessions(1)[-1].appointment
    assert moved is not None
    assert moved.local_date == day
