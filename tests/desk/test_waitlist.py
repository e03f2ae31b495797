"""The desk sees who waits for something sooner, puts callers on the list and takes them off."""

from flask.testing import FlaskClient

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.audit.models import AuditEntry
from booking.db.transactions import transaction
from booking.extensions import db
from booking.waitlist.rules import EntryStatus
from tests.builders import NOW, Clinic, a_booking, local
from tests.waitlist.waiting import LATER, entry_of, patient_of, tick

TICKED = {"weekdays": ["1", "2"], "parts": ["morning"], "locations": ["ahwatukee"]}


def path_of(appointment: Appointment) -> str:
    return f"/desk/visits/{appointment.id}"


def join(desk: FlaskClient, appointment: Appointment, **changed: object) -> str:
    response = desk.post(f"{path_of(appointment)}/waitlist", data={**TICKED, **changed})
    return response.location or response.text


def test_a_caller_is_put_on_the_list_and_the_appointment_says_so(desk: FlaskClient) -> None:
    appointment = a_booking(local(10, day=LATER))
    assert "Put on the waitlist for something sooner" in desk.get(path_of(appointment)).text
    form = desk.get(f"{path_of(appointment)}/waitlist").text
    assert "Days they could come" in form
    assert join(desk, appointment) == path_of(appointment)
    page = desk.get(path_of(appointment)).text
    assert (
        "Waits for something sooner since Monday, November 30: Tuesday, Wednesday; "
        "morning; Ahwatukee Clinic."
    ) in page
    assert entry_of(appointment).wish["weekdays"] == [1, 2]


def test_who_put_them_there_and_who_took_them_off_is_on_record(
    desk: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(10, day=LATER))
    join(desk, appointment)
    response = desk.post(f"{path_of(appointment)}/waitlist/leave")
    assert response.location == path_of(appointment)
    assert entry_of(appointment).status is EntryStatus.LEFT
    entries = db.session.scalars(
        db.select(AuditEntry)
        .filter_by(subject_kind="appointment", subject_id=appointment.id)
        .where(AuditEntry.action.like("%waitlist"))
        .order_by(AuditEntry.id)
    ).all()
    actor = f"staff:{clinic.front_desk.id}"
    assert [(entry.actor, entry.action) for entry in entries] == [
        (actor, "join_waitlist"),
        (actor, "leave_waitlist"),
    ]


def test_what_is_offered_is_seen_with_its_message(desk: FlaskClient) -> None:
    appointment = a_booking(local(10, day=LATER))
    join(desk, appointment)
    (made,) = tick(NOW)
    page = desk.get(path_of(appointment)).text
    assert "9:00 AM on Tuesday, December 1 is kept for them until 8:15 AM." in page
    record = desk.get(f"/desk/patients/{patient_of(appointment).id}").text
    assert f"/o/{made.token}" in record


def test_nothing_ticked_puts_nobody_on_the_list(desk: FlaskClient) -> None:
    appointment = a_booking(local(10, day=LATER))
    assert "Choose at least one day." in join(desk, appointment, weekdays=[])
    assert entry_of(appointment) is None


def test_that_somebody_can_be_told_in_no_way_is_said(desk: FlaskClient) -> None:
    appointment = a_booking(local(10, day=LATER), sms_consent=False)
    with transaction():
        db.session.execute(db.text("UPDATE appointment_contact SET email = NULL"))
    page = desk.get(f"{path_of(appointment)}/waitlist").text
    assert "They can be told in no way" in page


def test_what_is_cancelled_is_put_on_no_list(desk: FlaskClient) -> None:
    appointment = a_booking(local(10, day=LATER))
    appointment_operations.cancel(appointment.id, NOW, "online", by_patient=True)
    assert "This visit was cancelled." in join(desk, appointment)
    assert "waitlist" not in desk.get(path_of(appointment)).text
