"""An erasure forgets the answers and forms that are a patient's; what others sent is still done once."""

from dataclasses import replace

import pytest

from booking.db.idempotency import IdempotencyKey, run_once
from booking.erasure.kept_forms import delete_kept_forms, mentions
from booking.erasure.traces import PatientTraces, read_traces
from booking.extensions import db
from booking.staff.interrupted_forms import InterruptedForm, save_form
from tests.builders import NOW, Clinic, a_clinic, a_patient

TRACES = PatientTraces(
    *([7], [], [], frozenset({"Ed", "Al", "Scott"}), frozenset({"scott"})),
    *(frozenset({"+16025550142"}), frozenset({"ed@example.com"}), frozenset(), frozenset()),
)


@pytest.mark.parametrize(
    "texts",
    [
        ["Booked for Ed Scott"],
        ["ED", "SCOTT"],
        ["(602) 555-0142"],
        ["write to Ed@Example.com"],
    ],
)
def test_two_names_or_a_number_or_an_address_are_theirs(texts: list[str]) -> None:
    assert mentions(texts, TRACES)


@pytest.mark.parametrize(
    "texts",
    [
        ["The visit is booked at Scottsdale, also by mail"],
        ["Ed is a name of many"],
        ["(602) 555-0143"],
        ["red@example.com.au"],
        [],
    ],
)
def test_parts_of_words_and_one_name_alone_are_anybodys(texts: list[str]) -> None:
    assert not mentions(texts, TRACES)


def test_who_has_one_name_alone_is_found_by_it() -> None:
    assert mentions(["booked for Quillfeather"], replace(TRACES, names=frozenset({"Quillfeather"})))


@pytest.fixture
def clinic(app: object) -> Clinic:
    return a_clinic()


def test_what_others_sent_is_done_once_after_an_erasure(clinic: Clinic) -> None:
    patient = a_patient(clinic)
    full_name = f"{patient.given_name} {patient.family_name}"
    for key, notice in (("theirs", full_name), ("another's", "Booked at Scottsdale.")):
        run_once("desk", key, {}, NOW, lambda notice=notice: (200, {"notice": notice}))  # type: ignore[misc]
    delete_kept_forms(read_traces(patient.id))
    db.session.commit()
    assert [row.key for row in db.session.query(IdempotencyKey)] == ["another's"]


def test_what_was_typed_on_their_page_goes_and_on_anothers_stays(clinic: Clinic) -> None:
    patient = a_patient(clinic)
    for key, number in (("theirs", patient.id), ("another's", f"{patient.id}0")):
        path = f"/desk/patients/{number}/notes"
        save_form(key, clinic.front_desk.id, path, [("text", "Called")], NOW)
    delete_kept_forms(read_traces(patient.id))
    db.session.commit()
    assert [row.key for row in db.session.query(InterruptedForm)] == ["another's"]
