"""What the desk does without telling the patient, and what it tells them on the phone."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.desk.appointments.reading_out import spell_reference
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import MessageStatus, Reason
from booking.patients.call_requests import create_call_request
from booking.reminders.models import ReminderPolicy
from booking.reminders.operations import derive_messages
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, Task, TaskKind
from tests.builders import NOW, Clinic, a_booking, a_patient, local
from tests.desk.page_forms import form_on, send
from tests.reminders.test_rules import RULES

SAFE = {f"q-{slug}": "no" for slug in ("danger", "psychosis", "pregnancy")}
UNTOLD = {"do_not_notify": "y"}
LATER = NOW.replace(minute=30)  # what may be undone is told of by then


@pytest.fixture(autouse=True)
def _reminds(clinic: Clinic) -> None:
    with transaction():
        rules = [rule.to_dict() for rule in RULES]
        db.session.add(ReminderPolicy(version=1, digest="0" * 64, rules=rules, created_at=NOW))


def told_of(appointment: Appointment, kind: str) -> set[tuple[MessageStatus, str | None]]:
    derive_messages(LATER)
    messages = select(Message).filter_by(topic=f"appointment:{appointment.id}", kind=kind)
    return {(message.status, message.reason) for message in db.session.scalars(messages)}


@pytest.mark.parametrize(
    ("step", "kind", "typed"),
    [
        ("move", "moved", {"start": local(14).isoformat()}),
        ("cancel", "cancellation", {"who": "patient"}),
    ],
)
@pytest.mark.parametrize("is_told", [True, False])
def test_a_change_is_told_of_unless_the_desk_says_not_to_and_that_is_on_record(
    desk: FlaskClient, clinic: Clinic, step: str, kind: str, typed: dict[str, str], is_told: bool
) -> None:
    appointment = a_booking(local(10))
    derive_messages(NOW)
    page = f"/desk/visits/{appointment.id}/{step}"
    assert send(desk, form_on(desk, page, page), typed | ({} if is_told else UNTOLD)).location
    outcomes = told_of(appointment, kind)
    assert outcomes == (
        {(MessageStatus.PLANNED, None)} if is_told else {(MessageStatus.SKIPPED, Reason.BY_DESK)}
    )


def test_a_call_back_is_done_by_the_booking_that_it_led_to(
    desk: FlaskClient, clinic: Clinic
) -> None:
    call, patient = (
        create_call_request("Ana Ruiz", "+16025550142", NOW),
        a_patient(email="ana@example.com"),
    )
    tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, "call_request", call.id, NOW, NOW)
    (task,) = tasks.list_open_tasks()
    page = f"/desk/patients/{patient.id}/book"
    form = form_on(desk, f"{page}?service=follow-up&task={task.id}", page)
    response = send(desk, form, {"start": local(10).isoformat(), **SAFE, **UNTOLD})
    appointment = db.session.scalars(select(Appointment)).one()
    done = db.session.get_one(Task, task.id)
    assert (done.done_by_id, done.note) == (
        clinic.front_desk.id,
        f"Booked: {appointment.reference}",
    )
    assert spell_reference(appointment.reference) in desk.get(response.location).text
    assert told_of(appointment, "confirmation") == {(MessageStatus.SKIPPED, Reason.BY_DESK)}


def test_another_patients_call_stays_open(desk: FlaskClient, clinic: Clinic) -> None:
    other = a_patient().id
    tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, "patient", other, NOW, NOW)
    (task,) = tasks.list_open_tasks()
    page = f"/desk/patients/{a_patient().id}/book?service=follow-up&task={task.id}"
    assert "done by this booking" not in desk.get(page).text


def test_a_reference_is_spelled_letter_by_letter() -> None:
    assert spell_reference("K7Q-4MXW") == "Kilo, 7, Quebec; 4, Mike, X-ray, Whiskey"
