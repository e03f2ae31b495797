"""Pages change sections of the clinic file; files loaded later see what they did, and so does an export."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from booking.clinic.export import describe_clinic, export_clinic
from booking.clinic.loader import TABLES
from booking.clinic.models import ClinicLoad
from booking.clinic.operations import DeskChangesConflict, LoadResult
from booking.clinic.sections import Section, change_section, digest_affected, preview_section
from booking.db.transactions import transaction
from booking.db.versions import StaleVersion
from booking.extensions import db
from booking.locations.models import OpeningHours
from booking.reminders.models import ReminderPolicy
from booking.screening.models import Questionnaire
from booking.series.models import ScheduleTemplate
from booking.staff.models import Shift
from tests.builders import NOW
from tests.clinic.files import DEMO, changed
from tests.clinic.loads import LATER, TODAY, loaded
from tests.written_once import written_once

HOURS, PLACE = Section("locations", "ahwatukee"), Section("locations", "scottsdale")
NURSE, RULES = Section("staff", "iris-cole"), Section("reminders")
VERSIONED = (ClinicLoad, Questionnaire, ReminderPolicy, ScheduleTemplate)
SOON = NOW + timedelta(minutes=1)
SATURDAY = TODAY + timedelta(days=5)


def say(section: Section, **values: Any) -> LoadResult:
    before = section.find(describe_clinic(SOON))
    after = {**before, **values} if isinstance(before, dict) else values["rules"]
    result = preview_section(section, after, SOON)
    return change_section(section, after, None, digest_affected(result), SOON, "staff:1")


def announce() -> None:
    """New hours from a day on, a shift on one day, a chair more, another reminder."""
    week = HOURS.find(describe_clinic(NOW))["hours"]
    later = {**week, "monday": "09:00-12:00, 13:00-17:30", "sunday": "10:00-12:00"}
    say(HOURS, hours=later, hours_from=SATURDAY, hours_before=week)
    extra = {"location": "scottsdale", "day": SATURDAY, "hours": "09:00-11:00"}
    shifts = {"ahwatukee": {"monday": "08:00-12:00"}}
    say(NURSE, shifts=shifts, extra_shifts=[extra])
    say(PLACE, chairs=["Chair 1", "Chair 3", "Chair 4", "Chair 5"])
    say(RULES, rules=[{"kind": "day_before", "channel": "sms", "minutes_before": 1500}])


def what_holds() -> dict[str, list[tuple[Any, ...]]]:
    """Return each table's active rows, without ids; of weekly hours those that are not over."""
    tables: dict[str, list[tuple[Any, ...]]] = {}
    names = {
        f"{name}_id": {row.id: row.slug for row in db.session.scalars(db.select(TABLES[name]))}
        for name in ("staff", "location")
    }
    for name, table in TABLES.items():
        rows = db.session.scalars(db.select(table)).all()
        tables[name] = sorted(
            (
                tuple(_value(column, getattr(row, column), names) for column in _columns(table))
                for row in rows
                if getattr(row, "active", True)
                and (getattr(row, "valid_to", None) or TODAY) >= TODAY
            ),
            key=str,
        )
    return tables


def _columns(table: Any) -> list[str]:
    left_out = {"id", "created_at", "password_hash"}
    return [column.key for column in table.__table__.columns if column.key not in left_out]


def _value(column: str, value: Any, names: dict[str, dict[int, str]]) -> Any:
    """A row since when weekly hours hold is history where that is past; whose they are, by name."""
    if column in names:
        return names[column].get(value)
    return max(value, TODAY) if column == "valid_from" else value


@written_once
def emptied() -> None:
    with transaction():
        for table in (*reversed([*TABLES.values()]), *VERSIONED):
            db.session.execute(delete(table))
    db.session.expunge_all()


@pytest.mark.usefixtures("app")
def test_what_pages_changed_comes_back_from_an_export_on_an_empty_database() -> None:
    loaded()
    announce()
    before, exported = what_holds(), export_clinic(NOW)
    emptied()
    loaded(exported)
    assert what_holds() == before
    assert export_clinic(NOW) == exported
    assert not loaded(exported, LATER)


@pytest.mark.usefixtures("app")
def test_an_announced_week_stays_announced_through_other_changes_and_can_be_taken_back() -> None:
    loaded()
    week = HOURS.find(describe_clinic(NOW))["hours"]
    announce()
    starts = {row.valid_from for row in db.session.scalars(db.select(OpeningHours))}
    assert max(starts) == SATURDAY
    say(HOURS, hours=week, hours_from=TODAY)
    assert HOURS.find(describe_clinic(NOW))["hours"] == week
    assert "hours_from" not in HOURS.find(describe_clinic(NOW))
    single = db.session.scalars(db.select(Shift).filter_by(valid_from=SATURDAY, valid_to=SATURDAY))
    assert len(single.all()) == 1


@pytest.mark.usefixtures("sqlite_app")
def test_a_file_from_before_is_refused_and_an_edited_export_is_not() -> None:
    loaded()
    announce()
    with pytest.raises(DeskChangesConflict) as refused:
        loaded()
    told = "\n".join(refused.value.differences)
    for words in (
        "desk added it",
        "Chair 2: active is false",
        "reminder_policy: version 2 was made",
    ):
        assert words in told
    edited = changed(('"Chair 5"', '"Chair 6"'), text=export_clinic(NOW))
    assert {"added", "retired"} <= {line.split()[0] for line in loaded(edited, LATER).lines}
    assert loaded(DEMO, LATER, force=True).lines


@pytest.mark.usefixtures("sqlite_app")
def test_a_section_that_says_something_else_than_was_shown_is_not_overwritten() -> None:
    loaded()
    before = PLACE.find(describe_clinic(NOW))
    with pytest.raises(StaleVersion):
        change_section(PLACE, {**before, "chairs": []}, "another", "", NOW, "staff:1")
    assert db.session.query(ClinicLoad).count() == 1
