"""Loading makes the clinic as the file says, once, and takes nothing away that is in use."""

from datetime import date, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.audit.models import AuditEntry
from booking.calendars import availability
from booking.calendars.slots import list_slots
from booking.clinic.models import ClinicLoad
from booking.clinic.operations import preview_load
from booking.clinic.schema import ClinicFileError
from booking.extensions import db
from booking.locations.models import Location, Resource
from booking.locations.rules import ResourceKind
from booking.reminders.policies import list_dated_rules
from booking.screening.operations import current_questions
from booking.series.models import ScheduleTemplate
from booking.series.queries import list_templates
from booking.staff.models import Shift, Staff
from tests.builders import NOW
from tests.clinic.files import changed, without_table, without_template
from tests.clinic.loads import (
    A_MONDAY,
    LATER,
    TODAY,
    catalogue_version,
    hours_of_mondays,
    loaded,
    the_location,
)
from tests.statements import statements


@pytest.mark.usefixtures("app")
def test_a_load_makes_a_clinic_that_can_be_booked() -> None:
    assert loaded()
    for slug in ("ahwatukee", "scottsdale"):
        slots = list_slots("consultation", [slug], TODAY, TODAY + timedelta(21), NOW)
        assert len(slots) > 100
        seats = availability.current_catalogue().locations[slug].resources[ResourceKind.SEAT]
        assert len(seats) == 8
    assert list_templates()[0].slug == "recommended"
    assert current_questions().version == 1
    assert len(list_dated_rules()) == 5


def questions_of_load(text: str) -> int:
    with statements() as asked:
        loaded(text)
    return sum(statement.startswith("SELECT") for statement in asked)


@pytest.mark.usefixtures("sqlite_app")
def test_a_longer_file_asks_the_database_no_more() -> None:
    loaded()
    chairs = '["Chair 1", "Chair 2", "Chair 3", "Chair 4"'
    longer = [changed((f"{chairs}]", f"{chairs}, {more}]")) for more in ('"A"', '"A", "B", "C"')]
    assert questions_of_load(longer[0]) == questions_of_load(longer[1])


@pytest.mark.usefixtures("app")
def test_the_same_file_again_changes_nothing() -> None:
    loaded()
    version = catalogue_version()
    entries = db.session.scalar(select(func.count(AuditEntry.id)))
    again = loaded(now=LATER)
    assert not again
    assert (again.added, again.changed, again.retired) == (0, 0, 0)
    assert catalogue_version() == version
    assert db.session.scalar(select(func.count(AuditEntry.id))) == entries
    assert db.session.scalar(select(func.count(ClinicLoad.id))) == 1


@pytest.mark.usefixtures("app")
def test_a_change_is_seen_by_every_process() -> None:
    loaded()
    version = catalogue_version()
    loaded(changed(("horizon_days = 60", "horizon_days = 30")))
    assert catalogue_version() == version + 1
    assert availability.current_catalogue().services["consultation"].horizon == 30


@pytest.mark.usefixtures("app")
def test_a_file_that_is_not_right_changes_nothing() -> None:
    with pytest.raises(ClinicFileError):
        loaded(changed(("horizon_days = 60", "horizon_days = 0")))
    assert db.session.scalar(select(func.count(Location.id))) == 0


@pytest.mark.usefixtures("app")
def test_what_is_gone_from_the_file_is_retired_not_deleted() -> None:
    loaded()
    result = loaded(
        changed(
            ('"Chair 3", "Chair 4"]', '"Chair 3"]'),
            text=without_table("[[staff]]\n", 'slug = "lena-fox"'),
        )
    )
    chair = db.session.scalars(
        select(Resource).filter_by(name="Chair 4", location_id=the_location().id)
    ).one()
    person = db.session.scalars(select(Staff).filter_by(slug="lena-fox")).one()
    own = db.session.scalars(select(Resource).filter_by(staff_id=person.id)).one()
    shifts = db.session.scalars(select(Shift).filter_by(staff_id=person.id)).all()
    assert (chair.active, person.active, own.active) == (False, False, False)
    assert {shift.valid_to for shift in shifts} == {TODAY - timedelta(days=1)}
    assert result.retired == 3 + len(shifts)


@pytest.mark.usefixtures("app")
def test_what_comes_back_is_the_same_row_again() -> None:
    loaded()
    fewer = changed(('"Chair 3", "Chair 4"]', '"Chair 3"]'), (A_MONDAY, 'monday = "closed"'))
    loaded(fewer)
    numbers = db.session.scalar(select(func.count(Resource.id)))
    result = loaded()
    assert (result.added, result.changed, result.retired) == (0, 2, 0)
    assert db.session.scalar(select(func.count(Resource.id))) == numbers
    assert hours_of_mondays() == [(time(17, 30), date(2026, 1, 1), None)]


@pytest.mark.usefixtures("app")
def test_a_whole_location_can_be_retired() -> None:
    loaded()
    text = without_table("[[locations]]\n", 'slug = "scottsdale"')
    for name in ("lena-fox", "mia-park", "sam-tran", "max-dunn"):
        text = without_table("[[staff]]\n", f'slug = "{name}"', text)
    tom_there = text.index("[staff.shifts.scottsdale]")
    text = text[:tom_there] + text[text.index("[[", tom_there) :]
    loaded(text)
    assert list(availability.current_catalogue().locations) == ["ahwatukee"]
    here = the_location("scottsdale").id
    assert not db.session.scalars(select(Resource).filter_by(location_id=here, active=True)).all()
    assert not loaded(text, LATER)


@pytest.mark.usefixtures("app")
def test_a_changed_template_becomes_a_new_version() -> None:
    loaded()
    loaded(changed(("sessions = 6", "sessions = 8")))
    rows = db.session.scalars(
        select(ScheduleTemplate).filter_by(slug="recommended").order_by(ScheduleTemplate.version)
    ).all()
    assert [(row.version, row.active) for row in rows] == [(1, False), (2, True)]
    assert rows[1].data["version"] == 2
    assert rows[0].data["phases"][0]["sessions"] == 6


@pytest.mark.usefixtures("app")
def test_lines_of_the_list_are_kept_with_their_questions() -> None:
    loaded()
    listed = {each.slug: each.listed for each in current_questions().questions}
    assert (listed["danger"], listed["psychosis"]) == ({}, {})
    assert listed["liver-disease"] == {"en": "Liver disease", "es": "Enfermedad del hígado"}


@pytest.mark.usefixtures("app")
def test_changed_questions_and_reminders_become_new_versions() -> None:
    loaded()
    result = loaded(changed(("in danger right now", "in danger"), ("= 4320", "= 2880")))
    assert result.lines == ("added questionnaire version 2", "added reminder_policy version 2")
    assert current_questions().version == 2
    assert [dated.rule.minutes_before for dated in list_dated_rules()][2] == 2880


@pytest.mark.usefixtures("app")
def test_a_preview_tells_what_a_load_would_change_and_changes_nothing() -> None:
    loaded()
    text = changed(("horizon_days = 60", "horizon_days = 30"))
    version = catalogue_version()
    seen = preview_load(text, NOW)
    assert seen.lines == ("changed service consultation",)
    assert catalogue_version() == version
    assert availability.current_catalogue().services["consultation"].horizon == 60
    assert loaded(text) == seen


def test_a_load_is_on_record_without_names(app: Flask) -> None:
    loaded()
    entry = db.session.scalars(select(AuditEntry).filter_by(action="load_clinic")).one()
    assert entry.actor == "test"
    assert set(entry.facts) == {"added", "changed", "retired"}


@pytest.mark.usefixtures("app")
def test_a_template_gone_from_the_file_is_not_offered_until_it_comes_back() -> None:
    loaded()
    fewer = without_template("booster")
    assert loaded(fewer).lines == ("retired schedule_template booster",)
    assert "booster" not in [row.slug for row in list_templates()]
    assert not loaded(fewer)
    assert loaded().lines == ("changed schedule_template booster",)
    assert {row.slug: row.version for row in list_templates()}["booster"] == 1
