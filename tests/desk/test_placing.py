"""A time for a session is offered where it may have one; where it may not, it is said why."""

from flask.testing import FlaskClient

from booking.appointments import operations
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.series import operations as series_operations
from booking.series.models import InfusionSeries, Session
from booking.series.preferences import Preferences
from booking.series.progress import SeriesStatus
from booking.series.queries import list_sessions
from tests.builders import NOW, TOMORROW, Clinic, local
from tests.series.prescribed import SIX, a_booked_series, appointments, doctor


def a_session_without_a_time(clinic: Clinic) -> tuple[InfusionSeries, Session]:
    series = a_booked_series(clinic)
    lost = appointments(series)[1]
    operations.cancel(lost.id, NOW, doctor(clinic), by_patient=False, reason="No nurse")
    return series, list_sessions(series.id)[1].session


def test_no_time_is_offered_for_a_session_while_another_series_goes_on_and_it_is_said(
    desk: FlaskClient, clinic: Clinic
) -> None:
    series, session = a_session_without_a_time(clinic)
    with transaction():
        series.status = SeriesStatus.COMPLETED
        db.session.add(series)
    path, pages = (
        f"/desk/sessions/{session.id}/place",
        (f"/desk/patients/{series.patient_id}", f"/desk/series/{series.id}"),
    )
    assert all(path in desk.get(page).text for page in pages)
    series_operations.prescribe_series(
        db.session.get_one(Patient, series.patient_id), series.template_id, SIX, Preferences(),
        "ahwatukee", TOMORROW, clinic.practitioner.id, NOW,
    )  # fmt: skip
    assert not any(path in desk.get(page).text for page in pages)
    assert "another one that goes on" in desk.get(desk.get(path).location).text


def test_a_time_for_a_session_of_a_series_that_was_stopped_is_refused_in_words(
    desk: FlaskClient, clinic: Clinic
) -> None:
    series, session = a_session_without_a_time(clinic)
    with transaction():
        series.status = SeriesStatus.STOPPED
        db.session.add(series)
    data = {"start": local(13).isoformat()}
    answer = desk.post(f"/desk/sessions/{session.id}/place", data=data)
    assert "Nothing was changed" in desk.get(answer.location).text
