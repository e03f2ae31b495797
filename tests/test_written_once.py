"""What is copied of a builder is what it wrote, as it stands among what others wrote."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import time, timedelta

import pytest
import time_machine
from sqlalchemy import select

from booking import clock
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.series.queries import list_sessions
from tests.builders import NOW, a_clinic, a_patient
from tests.databases import postgresql_database, sqlite_database
from tests.series.prescribed import a_booked_series
from tests.shared_app import app_on
from tests.statements import statements
from tests.table_rows import is_content, read_content
from tests.written_once import written_once

INSERT = """
INSERT INTO patient (given_name, family_name, family_key, birth_date, language, created_at)
VALUES ('Somebody', 'Else', 'else', '1980-02-29', 'en', '2026-11-30')
"""
Database = Callable[[], AbstractContextManager[str]]


@dataclass(frozen=True)
class Couple:
    first: Patient
    both: list[Patient]


@written_once
def a_couple(name: str = "Ana") -> Couple:
    first = a_patient(given_name=name)
    return Couple(first, [first, a_patient(given_name="Other")])


@written_once
def renamed(patient: Patient, name: str) -> Patient:
    with transaction():
        db.session.get_one(Patient, patient.id).given_name = name
    return patient


@written_once
def nobody() -> list[Patient]:
    return []


@written_once
def somebody_from_today() -> Patient:
    return a_patient(given_name=f"{clock.now().timestamp()}")


@pytest.fixture(params=[sqlite_database, postgresql_database])
def twice(request: pytest.FixtureRequest) -> Iterator[None]:
    """Two databases, one after the other, as two tests of one process have them."""
    database: Database = request.param

    def databases() -> Iterator[None]:
        for _ in range(2):
            with database() as url, app_on(url):
                yield

    return databases()


def is_built(build: Callable[[], object]) -> bool:
    """Run a builder; tell whether it wrote by the code."""
    with statements() as asked:
        build()
    return any(not statement.startswith("SELECT") for statement in asked)


def test_what_is_copied_is_what_was_written(twice: Iterator[None]) -> None:
    contents = []
    for _ in twice:
        series = a_booked_series(a_clinic(closes=time(16, 45)))
        assert len([each for each in list_sessions(series.id) if each.appointment]) == 6
        contents.append(read_content())
        assert is_content(contents[0])
    assert contents[0].counts == contents[1].counts


def test_a_copy_returns_the_same_rows_and_they_are_in_the_session(twice: Iterator[None]) -> None:
    returned = []
    for _ in twice:
        couple = a_couple()
        assert couple.both[0] is couple.first
        assert all(patient in db.session for patient in couple.both)
        returned.append([(patient.id, patient.given_name) for patient in couple.both])
    assert returned[0] == returned[1]
    assert [name for _, name in returned[0]] == ["Ana", "Other"]


def test_each_argument_has_a_copy_of_its_own(twice: Iterator[None]) -> None:
    for _ in twice:
        assert [a_couple(name).first.given_name for name in ("Eva", "Ida")] == ["Eva", "Ida"]
        names = db.session.scalars(select(Patient.given_name).order_by(Patient.id)).all()
        assert names == ["Eva", "Other", "Ida", "Other"]


def test_a_builder_may_write_nothing(twice: Iterator[None]) -> None:
    for _ in twice:
        a_couple("Pia")
        assert nobody() == []
        assert len(a_couple("Rut").both) == 2


def test_a_row_that_a_copy_changes_is_seen_changed(twice: Iterator[None]) -> None:
    for _ in twice:
        patient = a_couple("Mia").first
        same = renamed(patient, "Maria")
        assert same is patient
        assert patient.given_name == "Maria"
        assert db.session.scalars(select(Patient.given_name)).all().count("Maria") == 1


def test_a_builder_runs_where_others_have_written(twice: Iterator[None]) -> None:
    for _ in twice:
        a_couple("Lea")
        a_patient(given_name="Somebody")
        assert is_built(lambda: a_couple("Lea"))
        assert len(db.session.scalars(select(Patient.id)).all()) == 5


def test_a_builder_runs_where_its_tables_were_written_to_unnoticed(twice: Iterator[None]) -> None:
    built = list[bool]()
    for _ in twice:
        driver = db.session.connection().connection.driver_connection
        if built:
            driver.execute(INSERT)
        built.append(is_built(lambda: a_couple("Noa")))
    assert built == [True, True]


def test_a_builder_that_asks_the_time_runs_unless_time_stands_still(twice: Iterator[None]) -> None:
    assert [is_built(somebody_from_today) for _ in twice] == [True, True]


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_builder_is_copied_at_the_time_that_it_was_told(
    twice: Iterator[None], seconds: int
) -> None:
    built, told = list[bool](), NOW + timedelta(minutes=seconds)
    for _ in twice:
        with time_machine.travel(told, tick=False):
            built.append(is_built(somebody_from_today))
        told += timedelta(seconds=seconds)
    assert built == [True, bool(seconds)]


def test_a_builder_runs_as_a_part_of_a_transaction(twice: Iterator[None]) -> None:
    for _ in twice:
        with transaction():
            a_couple("Ute")
        assert is_built(lambda: a_couple("Ute"))


def a_clinic_is_built() -> bool:
    return is_built(lambda: a_clinic(closes=time(16, 30)))


def test_a_clinic_is_built_once_a_process(twice: Iterator[None]) -> None:
    assert [a_clinic_is_built() for _ in twice] == [True, False]
