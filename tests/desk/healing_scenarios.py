"""The forms that plan a series anew, and what is typed there."""

from flask.testing import FlaskClient

from booking.appointments import operations as appointment_operations
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.models import PatientAbsence
from booking.series.queries import list_sessions
from tests.builders import NOW, TOMORROW, Clinic, a_closure
from tests.desk.scenario import Prepare, Scenario
from tests.series.prescribed import a_booked_series, appointments


def heal_session(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    series = a_booked_series(clinic)
    third = appointments(series)[2]
    appointment_operations.cancel(third.id, NOW, "online", by_patient=True)
    page = f"/desk/sessions/{list_sessions(series.id)[2].session.id}/heal"
    return Scenario(page, page, {"way": "repeat", "reason": "Rang at noon"})


def heal_series(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    series = a_booked_series(clinic)
    a_closure(clinic.location, appointments(series)[2].local_date)
    page = f"/desk/series/{series.id}/heal"
    return Scenario(page, page, {"way": "repeat"})


def record_absence(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    series = a_booked_series(clinic)
    day = appointments(series)[2].local_date.isoformat()
    action = f"/desk/series/{series.id}/away"
    days = {"first_day": day, "last_day": day}
    return Scenario(f"{action}?first_day={day}&last_day={day}", action, days)


def remove_absence(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    series = a_booked_series(clinic)
    absence = PatientAbsence(
        patient_id=series.patient_id, first_day=TOMORROW, last_day=TOMORROW,
        recorded_by_id=clinic.practitioner.id, recorded_at=NOW,
    )  # fmt: skip
    with transaction():
        db.session.add(absence)
    page = f"/desk/series/{series.id}/away"
    return Scenario(page, f"{page}/{absence.id}/remove")


HEALING_SCENARIOS: tuple[Prepare, ...] = (
    heal_session, heal_series, record_absence, remove_absence,
)  # fmt: skip
