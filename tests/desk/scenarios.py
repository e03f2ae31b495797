"""Each POST route of the desk with a page that leads to it, and what is typed there."""

from dataclasses import replace
from datetime import timedelta
from html import unescape

from flask.testing import FlaskClient

from booking.appointments import operations as appointment_operations
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.messaging.models import Message
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel
from booking.mood import operations as mood
from booking.patients.models import Patient
from booking.screening import flags
from booking.screening.models import FlagKind
from booking.series.queries import list_sessions
from booking.series.suspensions import update_suspensions
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from tests.builders import NOW, Clinic, a_booking, a_contact, a_patient, answers, local
from tests.desk.attendance_scenarios import ATTENDANCE_SCENARIOS
from tests.desk.authorisation_scenarios import AUTHORISATION_SCENARIOS
from tests.desk.change_scenarios import CHANGE_SCENARIOS, SPACING_SCENARIOS
from tests.desk.feed_scenarios import FEED_SCENARIOS
from tests.desk.healing_scenarios import HEALING_SCENARIOS
from tests.desk.on_call_scenarios import ON_CALL_SCENARIOS
from tests.desk.outage_scenarios import OUTAGE_SCENARIOS
from tests.desk.record_scenarios import RECORD_SCENARIOS
from tests.desk.scenario import Prepare, Scenario
from tests.desk.template_scenarios import TEMPLATE_SCENARIOS
from tests.desk.test_series import DENSE, PLAN, TYPED
from tests.desk.text_scenarios import TEXT_SCENARIOS
from tests.series.prescribed import a_booked_series, a_series, a_template
from tests.waitlist.waiting import somebody_waiting
from tests.written_once import written_once

TODAY = NOW + timedelta(hours=2)
SAFE = {"q-danger": "no", "q-psychosis": "no", "q-pregnancy": "no"}


def move_appointment(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/visits/{a_booking(local(10)).id}/move"
    return Scenario(page, page, {"start": local(14).isoformat()})


def cancel_appointment(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/visits/{a_booking(local(10)).id}/cancel"
    return Scenario(page, page, {"who": "patient", "reason": "Rang at noon"})


def join_waitlist(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/visits/{a_booking(local(10)).id}/waitlist"
    typed = {"weekdays": ["0"], "parts": ["morning"], "locations": ["ahwatukee"]}
    return Scenario(page, page, typed)


def leave_waitlist(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/visits/{somebody_waiting(clinic, local(10)).id}/waitlist"
    return Scenario(page, f"{page}/leave")


def create_patient(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    typed: dict[str, object] = {
        "given_name": "Nico", "family_name": "Vega", "birth_date": "03/27/1984",
        "phone": "602 555 0144", "email": "", "texts": "yes",
    }  # fmt: skip
    return Scenario("/desk/patients/new", "/desk/patients/new", typed)


def book_appointment(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/patients/{a_patient().id}/book"
    return Scenario(f"{page}?date=2026-12-01", page, {"start": local(14).isoformat(), **SAFE})


def record_finding(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/patients/{a_patient().id}"
    return Scenario(page, f"{page}/finding", {"finding": "suitable", "note": "Told in person"})


def clear_flag(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    patient = a_patient()
    flag = flags.raise_flag(
        FlagKind.SEEN_AT_APPOINTMENT, ("pregnancy",), patient.birth_date, NOW, "api",
        patient_id=patient.id,
    )  # fmt: skip
    page = f"/desk/patients/{patient.id}"
    return Scenario(page, f"{page}/flags/{flag.id}/clear")


def clear_unmatched_flag(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    flag = flags.raise_flag(
        FlagKind.CALL_FIRST, ("psychosis",), answers().birth_date, NOW, "api", contact=a_contact()
    )
    return Scenario("/desk/flags", f"/desk/flags/{flag.id}/clear")


def accept_flag(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    patient = a_patient()
    flag = flags.raise_flag(
        FlagKind.CALL_FIRST, ("psychosis",), patient.birth_date, NOW, "online",
        contact=patient.contact, is_verified=False,
    )  # fmt: skip
    page = f"/desk/patients/{patient.id}"
    return Scenario(page, f"{page}/flags/{flag.id}/accept")


def send_message_now(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    appointment = a_booking(local(10))
    messaging.enqueue(
        MessageDraft(
            topic=f"appointment:{appointment.id}", revision=0, kind="day_before", channel=Channel.SMS,
            recipient="+16025550142", body="Tomorrow at ten", send_at=local(8), language="en",
            expires_at=local(10), time_zone="America/Phoenix",
        ),
        NOW,
    )  # fmt: skip
    message = db.session.scalars(db.select(Message)).one()
    page = f"/desk/patients/{appointment.patient_id}"
    return Scenario(page, f"{page}/messages/{message.id}/send-now")


def prescribe_series(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    template = a_template((DENSE,))
    page = f"/desk/patients/{a_patient(clinic).id}/prescribe/{template.id}"
    return Scenario(page, page, TYPED)


def book_plan(clinic: Clinic, browser: FlaskClient) -> Scenario:
    page = f"/desk/series/{a_series(clinic).id}/plan"
    key = unescape(PLAN.findall(browser.get(page).text)[0])
    return Scenario(page, page, {"plan": key})


def place_session(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    series = a_booked_series(clinic)
    last = list_sessions(series.id)[-1]
    assert last.appointment is not None
    appointment_operations.cancel(last.appointment.id, NOW, "online", by_patient=True)
    page = f"/desk/sessions/{last.session.id}/place"
    return Scenario(
        f"{page}?date={last.appointment.local_date}",
        page,
        {"start": last.appointment.starts_at.isoformat()},
    )


def give_up_session(clinic: Clinic, browser: FlaskClient) -> Scenario:
    page = place_session(clinic, browser).action.replace("/place", "/give-up")
    return Scenario(page, page, {"reason": "Enough for now"})


def resume_treatment(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    series = a_booked_series(clinic)
    patient = db.session.get_one(Patient, series.patient_id)
    flags.raise_flag(
        FlagKind.SEEN_AT_APPOINTMENT, ("pregnancy",), patient.birth_date, NOW, "test",
        patient_id=patient.id,
    )  # fmt: skip
    update_suspensions(NOW)
    page = f"/desk/patients/{patient.id}/resume"
    return Scenario(page, page, {"reason": "Talked to the patient"})


def stop_series(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/series/{a_booked_series(clinic).id}/stop"
    return Scenario(page, page, {"reason": "Moved away"})


def switch_forms_on(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/series/{a_booked_series(clinic).id}/forms"
    return Scenario(page, f"{page}/on", {"every_days": "7"})


def switch_forms_off(clinic: Clinic, browser: FlaskClient) -> Scenario:
    page = switch_forms_on(clinic, browser).page
    mood.start_mood_schedule(int(page.split("/")[3]), 7, clinic.practitioner.id, NOW)
    return Scenario(page, f"{page}/off")


def finish_task(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, "patient", a_patient().id, NOW, NOW)
    (task,) = tasks.list_open_tasks()
    return Scenario("/desk/tasks", f"/desk/tasks/{task.id}/done", {"note": "Called; all is well"})


def choose_contact(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    on_file = a_contact(given_name="Ana", family_name="Ruiz", phone="+16025550142")
    a_booking(local(9), contact=on_file)
    a_booking(local(11), contact=replace(on_file, phone="+16025550143"))
    (task,) = tasks.list_open_tasks(TaskKind.CHECK_RECORD)
    return Scenario("/desk/tasks", f"/desk/tasks/{task.id}/contact", {"choice": "typed"})


def save_details(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/patients/{a_patient().id}/details"
    typed = {
        "given_name": "Nico", "family_name": "Vega", "birth_date": "03/27/1984",
        "phone": "602 555 0145", "email": "nico@example.com", "language": "en", "texts": "yes",
        "safe_to_text": "yes",
    }  # fmt: skip
    return Scenario(page, page, typed)


# By the endpoint; what has no subject yet has no version to be outdated.
WITHOUT_VERSION = {
    "desk.create_patient",
    "desk.create_template",
    "desk.record_outage",
    "desk.create_feed",
    "desk.add_turn",
}
SCENARIOS: dict[str, Prepare] = {
    f"desk.{prepare.__name__}": written_once(prepare)
    for prepare in (
        *ATTENDANCE_SCENARIOS,
        *(move_appointment, cancel_appointment, join_waitlist, leave_waitlist, create_patient),
        *(book_appointment, record_finding, clear_flag, clear_unmatched_flag),
        *(send_message_now, prescribe_series, book_plan, place_session, stop_series),
        *(finish_task, save_details, accept_flag, give_up_session, resume_treatment),
        *(choose_contact, switch_forms_on, switch_forms_off),
        *RECORD_SCENARIOS,
        *TEXT_SCENARIOS,
        *ON_CALL_SCENARIOS,
        *HEALING_SCENARIOS,
        *TEMPLATE_SCENARIOS,
        *AUTHORISATION_SCENARIOS,
        *FEED_SCENARIOS,
        *CHANGE_SCENARIOS,
        *SPACING_SCENARIOS,
        *OUTAGE_SCENARIOS,
    )
}
