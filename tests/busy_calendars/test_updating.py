"""What a practitioner's own calendar says is taken for whoever books, and changes nothing that is booked."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from booking.appointments.impossible import list_impossible_appointments
from booking.appointments.operations import cancel
from booking.audit.models import AuditEntry
from booking.busy_calendars.conflicts import list_conflicts
from booking.busy_calendars.fetching import FetchedFile
from booking.busy_calendars.operations import (
    claim_due_calendar,
    keep_busy_times,
    remove_calendar,
    set_calendar,
)
from booking.busy_calendars.rules import ReadFailure
from booking.calendars import availability
from booking.calendars.operations import SlotTaken
from booking.calendars.slots import list_slots
from booking.extensions import db
from booking.staff import people
from booking.staff.models import BusyCalendar, BusyTime
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from tests.builders import NOW, TOMORROW, Clinic, a_booking, an_infusion, local
from tests.busy_calendars.conftest import BOX, read
from tests.busy_calendars.elsewhere import Elsewhere
from tests.busy_calendars.files import a_file, an_event, local_spans
from tests.staff.managers import a_manager

DENTIST = an_event("01T1000", "01T1130")
DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)


def offered() -> list[datetime]:
    """Return the starts of tomorrow's consultations, which take 55 minutes."""
    slots = list_slots("consultation", ["ahwatukee"], TOMORROW, TOMORROW, NOW)
    return [slot.starts_at for slot in slots]


def kept() -> list[str]:
    db.session.rollback()
    rows = db.session.execute(
        select(BusyTime.starts_at, BusyTime.ends_at).order_by(BusyTime.starts_at)
    )
    return local_spans([(row[0], row[1]) for row in rows])


def row_of(clinic: Clinic) -> BusyCalendar:
    db.session.rollback()
    return db.session.get_one(BusyCalendar, clinic.practitioner.id)


def test_busy_is_neither_offered_nor_booked(both_clinics: Clinic, elsewhere: Elsewhere) -> None:
    before = offered()
    elsewhere.body = a_file(DENTIST)
    read()
    length = timedelta(minutes=55)
    free = [at for at in before if at + length <= local(10) or at >= local(11, 30)]
    assert offered() == free != before
    with pytest.raises(SlotTaken):
        a_booking(local(10))
    assert a_booking(local(11, 30)).starts_at == local(11, 30)


def test_what_is_booked_stays_and_somebody_asks_about_it_once(
    clinic: Clinic, elsewhere: Elsewhere
) -> None:
    appointment = a_booking(local(10))
    elsewhere.body = a_file(DENTIST)
    read()
    (conflict,) = list_conflicts(NOW, clinic.practitioner.id)
    assert conflict.appointment_id == appointment.id
    assert list_impossible_appointments(availability.current_catalogue(), NOW) == {}
    (task,) = tasks.list_open_tasks(TaskKind.CALENDAR_CONFLICT)
    tasks.finish_task(
        task.id, clinic.front_desk.id, "She comes all the same", NOW, is_practitioner=False
    )
    read(NOW + QUARTER)
    assert tasks.list_open_tasks(TaskKind.CALENDAR_CONFLICT) == []


def test_a_conflict_that_is_over_settles_its_task(clinic: Clinic, elsewhere: Elsewhere) -> None:
    appointment = a_booking(local(10))
    elsewhere.body = a_file(DENTIST)
    read()
    cancel(appointment.id, NOW, "staff:1", by_patient=True)
    read(NOW + timedelta(minutes=1))
    assert tasks.list_open_tasks(TaskKind.CALENDAR_CONFLICT) == []


def test_nothing_but_times_is_kept(clinic: Clinic, elsewhere: Elsewhere) -> None:
    elsewhere.body = a_file(DENTIST)
    read()
    assert kept() == ["01T1000-01T1130"]
    entries = db.session.execute(
        select(AuditEntry.action, AuditEntry.facts).where(AuditEntry.subject_kind == "staff")
    ).all()
    assert [tuple(entry) for entry in entries] == [
        ("set_own_calendar", {}),
        ("read_own_calendar", {"busy_times": 1}),
    ]
    assert elsewhere.address not in row_of(clinic).address


def test_what_is_as_it_was_is_not_sent_again(clinic: Clinic, elsewhere: Elsewhere) -> None:
    elsewhere.body, elsewhere.headers = a_file(DENTIST), {"ETag": '"1"'}
    read()
    version = availability.current_catalogue().version
    elsewhere.status = 304
    read(NOW + timedelta(minutes=14))
    read(NOW + QUARTER)
    assert [request.get("If-None-Match") for request in elsewhere.requests] == [None, '"1"']
    assert kept() == ["01T1000-01T1130"]
    assert availability.current_catalogue().version == version


def test_what_recurs_is_read_further_as_days_go_by(clinic: Clinic, elsewhere: Elsewhere) -> None:
    """For that the file is asked for anew, changed or not."""
    elsewhere.headers = {"ETag": '"1"'}
    elsewhere.body = a_file(an_event("01T1000", "01T1100", RRULE="FREQ=DAILY"))
    read()
    first = row_of(clinic).read_until
    read(NOW + 3 * DAY)
    assert [request.get("If-None-Match") for request in elsewhere.requests] == [None, None]
    assert row_of(clinic).read_until == first + 3 * DAY


def test_a_calendar_that_fails_keeps_its_times_and_after_a_day_somebody_is_told(
    clinic: Clinic, elsewhere: Elsewhere
) -> None:
    elsewhere.body = a_file(DENTIST)
    read()
    elsewhere.status = 404
    read(NOW + QUARTER)
    read(NOW + 2 * QUARTER)
    assert (row_of(clinic).failure, row_of(clinic).failing_since) == ("refused", NOW + QUARTER)
    assert kept() == ["01T1000-01T1130"]
    assert tasks.list_open_tasks(TaskKind.CALENDAR_UNREAD) == []
    read(NOW + QUARTER + DAY)
    (task,) = tasks.list_open_tasks(TaskKind.CALENDAR_UNREAD)
    assert (task.subject_id, task.details) == (clinic.practitioner.id, {"why": "refused"})
    elsewhere.status = 200
    read(NOW + 2 * DAY)
    assert tasks.list_open_tasks(TaskKind.CALENDAR_UNREAD) == []
    assert row_of(clinic).failure is None


def test_an_address_kept_with_another_key_is_a_failure_that_is_said(
    clinic: Clinic, elsewhere: Elsewhere
) -> None:
    row = row_of(clinic)
    row.address = "no token of ours"
    db.session.commit()
    read()
    assert row_of(clinic).failure == ReadFailure.UNREADABLE_ADDRESS
    assert elsewhere.requests == []


def test_what_is_forgotten_is_gone_and_offered_again(clinic: Clinic, elsewhere: Elsewhere) -> None:
    before = offered()
    elsewhere.body = a_file(DENTIST)
    read()
    remove_calendar(clinic.practitioner.id, NOW, "staff:1")
    assert (kept(), offered()) == ([], before)


@pytest.mark.parametrize("leaves", [True, False])
def test_who_leaves_or_practises_no_more_has_none(
    clinic: Clinic, elsewhere: Elsewhere, leaves: bool
) -> None:
    elsewhere.body = a_file(DENTIST)
    read()
    manager = a_manager()
    tasks.open_task(
        TaskKind.CALENDAR_UNREAD, Owner.FRONT_DESK, "staff", clinic.practitioner.id, NOW, NOW
    )
    if leaves:
        people.retire_person(clinic.practitioner.id, NOW, manager.id)
    else:
        people.change_role(clinic.practitioner.id, manager.role, NOW, manager.id)
    assert kept() == []
    assert db.session.get(BusyCalendar, clinic.practitioner.id) is None
    assert tasks.list_open_tasks(TaskKind.CALENDAR_UNREAD) == []
    removed = select(AuditEntry.actor).filter_by(action="remove_own_calendar")
    assert list(db.session.scalars(removed)) == [f"staff:{manager.id}"]


def test_what_comes_late_of_a_calendar_that_was_replaced_is_dropped(
    both_clinics: Clinic, elsewhere: Elsewhere
) -> None:
    due = claim_due_calendar(NOW)
    assert due is not None
    assert claim_due_calendar(NOW) is None  # no second scheduler reads it
    set_calendar(both_clinics.practitioner.id, elsewhere.address, BOX, NOW, "staff:1")
    late = FetchedFile(a_file(DENTIST), due.validators)
    keep_busy_times(due, late, [(local(10), local(11))], NOW + DAY, NOW, QUARTER)
    assert kept() == []


def test_an_infusion_needs_no_practitioner_of_its_own_and_is_offered(
    clinic: Clinic, elsewhere: Elsewhere
) -> None:
    """Whoever prescribes is on site; whether they sit in a meeting there is not the calendar's business."""
    elsewhere.body = a_file(DENTIST)
    read()
    assert an_infusion(clinic, local(10)).starts_at == local(10)
    assert list_conflicts(NOW) == []
