"""Two records of one person become one, and can be parted again as they were."""

from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import Phase, given, reject, settings
from hypothesis import strategies as st
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.audit.models import AuditEntry
from booking.db.transactions import transaction
from booking.extensions import db
from booking.merging import operations as merging
from booking.merging.obstacles import MergeRefused
from booking.merging.owned_rows import list_owning_columns
from booking.merging.rules import CHOOSABLE
from booking.messaging.models import Message
from booking.messaging.rules import MessageStatus
from booking.patients import editing
from booking.patients import operations as patients
from booking.patients.models import Patient, TextConsent
from booking.patients.rules import Contact
from booking.patients.searching import search_patients_by_text
from booking.reminders.operations import derive_messages
from booking.series.queries import list_sessions
from booking.tasks.models import Task, TaskKind
from booking.waitlist.models import WaitlistEntry
from tests.builders import NOW, Clinic, a_patient, local
from tests.merging.two_records import (
    PHONES,
    RecordFacts,
    a_consultation,
    a_record,
    a_series_of,
    merge,
    read_tables,
)
from tests.reminders.prepared import a_clinic_that_reminds

TODAY = NOW.date()
TWO_KINDS = (TaskKind.CALL_BACK, TaskKind.MEND_CONTACT)
ANSWERS = st.lists(st.tuples(st.integers(0, 1), st.booleans()), max_size=3)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic_that_reminds()


def records() -> st.SearchStrategy[RecordFacts]:
    """Any record, but its series: only one of both may have one."""
    return st.builds(
        RecordFacts,
        phone=st.integers(0, 1),
        email=st.sampled_from((None, "ana@example.com", "ruiz@example.com")),
        preferred_name=st.sampled_from((None, "Anita")),
        safe_to_text=st.booleans(),
        leave_voicemail=st.sampled_from((None, True, False)),
        consents=ANSWERS,
        consultations=st.lists(st.integers(0, 3), max_size=2, unique=True),
        waits=st.booleans(),
        flagged=st.booleans(),
        is_away=st.booleans(),
        tasks=st.lists(st.sampled_from(TWO_KINDS), max_size=2, unique=True),
        has_series=st.just(False),
    )


def test_merged_and_parted_everything_is_as_it_was(clinic: Clinic) -> None:
    weeks = count()

    @settings(max_examples=12, phases=(Phase.explicit, Phase.generate))
    @given(records(), records(), st.sampled_from((None, 0, 1)), st.sets(st.sampled_from(CHOOSABLE)))
    def merged_and_parted(
        first: RecordFacts, second: RecordFacts, series: int | None, fields: set[str]
    ) -> None:
        week = next(weeks)
        facts = [
            replace(each, has_series=series == number)
            for number, each in enumerate((first, second))
        ]
        two = [a_record(clinic, facts[0], 9, week), a_record(clinic, facts[1], 13, week)]
        before = read_tables()
        try:
            merge_id = merge(clinic, two[0], two[1], *fields)
        except MergeRefused:  # a session at the time of the other's consultation
            reject()
        assert owned_by(two[1].id) == []
        assert read_tables() != before
        merging.undo_merge(merge_id, clinic.front_desk.id, NOW)
        assert read_tables() == before

    merged_and_parted()


def owned_by(patient_id: int) -> list[str]:
    """Return the tables in which something is a patient's."""
    return [
        column.table.name
        for column in list_owning_columns()
        if db.session.execute(select(column).where(column == patient_id)).first()
    ]


def test_all_of_one_record_is_the_others_and_links_keep_working(clinic: Clinic, app: Flask) -> None:
    survivor = a_record(clinic, RecordFacts(consultations=(0,)), 9)
    other = a_record(
        clinic, RecordFacts(phone=1, consultations=(1,), waits=True, tasks=TWO_KINDS), 13
    )
    series_id = a_series_of(other, clinic)
    token = appointments_of(other)[0].token
    merge(clinic, survivor, other)
    assert len(appointments_of(survivor)) == 2 + len(list_sessions(series_id))
    assert {task.subject_id for task in db.session.scalars(select(Task))} == {survivor.id}
    persons = set(db.session.scalars(select(Message.person)))
    assert persons == {f"patient:{survivor.id}"}
    assert app.test_client().get(f"/a/{token}").status_code == 200
    assert len(db.session.scalars(select(WaitlistEntry)).all()) == 1
    assert [each.id for each in search_patients_by_text("Ruiz", TODAY, 9)] == [survivor.id]


def appointments_of(patient: Patient) -> list[Appointment]:
    rows = select(Appointment).filter_by(patient_id=patient.id).order_by(Appointment.starts_at)
    return list(db.session.scalars(rows))


def test_what_is_owed_goes_to_the_kept_number_and_back_again(clinic: Clinic) -> None:
    agreed = RecordFacts(consents=((0, True),))
    survivor = a_record(clinic, agreed, 9)
    other = a_record(clinic, RecordFacts(phone=1, consents=((1, True),), consultations=(1,)), 13)
    assert planned_numbers() == {PHONES[1]}
    merge_id = merge(clinic, survivor, other)
    derive_messages(NOW)
    assert planned_numbers() == {PHONES[0]}
    merging.undo_merge(merge_id, clinic.front_desk.id, NOW)
    derive_messages(NOW)
    assert planned_numbers() == {PHONES[1]}


def planned_numbers() -> set[str]:
    """Return the numbers that texts still go to."""
    planned = select(Message.recipient).filter_by(status=MessageStatus.PLANNED, channel="sms")
    return set(db.session.scalars(planned))


@pytest.mark.parametrize("declined_last", [True, False])
def test_the_stricter_answer_about_texts_and_voicemail_holds(
    clinic: Clinic, declined_last: bool
) -> None:
    answers = [((0, not declined_last),), ((0, declined_last),)]
    survivor = a_record(clinic, RecordFacts(consents=answers[0], leave_voicemail=True), 9)
    other = a_record(
        clinic, RecordFacts(consents=answers[1], leave_voicemail=False, safe_to_text=False), 13
    )
    merge_id = merge(clinic, survivor, other)
    row = db.session.get_one(Patient, survivor.id)
    assert not patients.has_text_consent(survivor.id, PHONES[0])
    assert (row.safe_to_text, row.leave_voicemail) == (False, False)
    merging.undo_merge(merge_id, clinic.front_desk.id, NOW)
    assert (row.safe_to_text, row.leave_voicemail) == (True, True)
    assert len(db.session.scalars(select(TextConsent)).all()) == 2


@pytest.mark.parametrize("is_searched_before", [False, True])
def test_a_number_given_back_by_undoing_finds_its_own_record_alone(
    clinic: Clinic, is_searched_before: bool
) -> None:
    survivor = a_record(clinic, RecordFacts(), 9)
    other = a_record(clinic, RecordFacts(phone=1), 13)
    merge_id = merge(clinic, survivor, other, "phone")
    if is_searched_before:
        assert searched_ids(PHONES[1]) == searched_ids(PHONES[0]) == [survivor.id]
    merging.undo_merge(merge_id, clinic.front_desk.id, NOW)
    assert searched_ids(PHONES[1]) == [other.id]
    assert searched_ids(PHONES[0]) == [survivor.id]


def searched_ids(text: str) -> list[int]:
    return [patient.id for patient in search_patients_by_text(text, TODAY, 9)]


def test_the_kept_record_says_what_was_chosen_and_what_it_lacked(clinic: Clinic) -> None:
    survivor = a_record(clinic, RecordFacts(email=None), 9)
    other = a_record(clinic, RecordFacts(phone=1, preferred_name="Anita"), 13)
    merge_id = merge(clinic, survivor, other, "phone")
    row = db.session.get_one(Patient, survivor.id)
    assert (row.phone, row.email, row.preferred_name) == (PHONES[1], "ana@example.com", "Anita")
    assert row.family_name == "Ruiz"
    fields = {change.field for change in editing.list_corrections([survivor.id])}
    assert fields == {"phone", "email", "preferred_name"}
    correct_email(clinic, survivor, "new@example.com")
    merging.undo_merge(merge_id, clinic.front_desk.id, NOW)
    db.session.expire_all()
    assert (row.phone, row.email, row.preferred_name) == (PHONES[0], "new@example.com", None)


def correct_email(clinic: Clinic, patient: Patient, email: str) -> None:
    row = db.session.get_one(Patient, patient.id)
    contact = Contact(row.given_name, row.family_name, row.phone, email, preferred_name="Anita")
    editing.update_patient(row.id, contact, row.birth_date, clinic.front_desk.id, NOW)


def test_what_is_booked_after_a_merge_stays_unless_its_series_goes_back(clinic: Clinic) -> None:
    survivor, other = a_patient(clinic), a_patient(clinic)
    series_id = a_series_of(other, clinic)
    merge_id = merge(clinic, survivor, other)
    since = a_consultation(db.session.get_one(Patient, survivor.id), local(9))
    with transaction():  # as the scheduler books ahead, for the record that was kept
        booked_ahead = list_sessions(series_id)[-1].appointment
        assert booked_ahead is not None
        details: Any = dict(merging.list_merges(survivor.id)[0].details)
        details["rows"] = {
            **details["rows"],
            "appointment": [
                each for each in details["rows"]["appointment"] if each != booked_ahead.id
            ],
        }
        merging.list_merges(survivor.id)[0].details = details
    merging.undo_merge(merge_id, clinic.front_desk.id, NOW)
    db.session.expire_all()
    assert since.patient_id == survivor.id
    assert {each.patient_id for each in appointments_of(other)} == {other.id}
    assert booked_ahead.patient_id == other.id


def test_invariant_12_the_trail_has_both_by_reference_alone(clinic: Clinic) -> None:
    survivor, other = a_patient(clinic), a_patient(clinic)
    merge_id = merge(clinic, survivor, other)
    merging.undo_merge(merge_id, clinic.front_desk.id, NOW)
    entries = select(AuditEntry).where(AuditEntry.action.in_(("merge_patients", "undo_merge")))
    assert [(each.subject_id, each.facts) for each in db.session.scalars(entries)] == [
        (survivor.id, {"merged": other.id, "merge": merge_id})
    ] * 2


def test_no_table_of_patients_is_forgotten(app: Flask) -> None:
    """What refers to a patient is found by itself; this says which tables those are now."""
    assert {column.table.name for column in list_owning_columns()} >= {
        *("affected_patient", "appointment", "consent", "flag", "infusion_series"),
        *("patient_absence", "screening_response", "staff_note", "suitability"),
    }
