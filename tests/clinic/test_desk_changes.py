"""What the desk has changed since the last load is not undone unasked."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from booking.clinic.operations import DeskChangesConflict
from booking.clinic.schema import ClinicFileError
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import OpeningHours
from booking.staff.models import Staff
from tests.clinic.files import changed
from tests.clinic.loads import TODAY, hours_of_mondays, loaded, the_location


@pytest.mark.usefixtures("app")
def test_what_the_desk_has_changed_is_not_overwritten_unasked() -> None:
    loaded()
    with transaction():
        the_location().address = "5 Example Street"
    with pytest.raises(DeskChangesConflict) as told:
        loaded()
    [difference] = told.value.differences
    assert difference.startswith('location ahwatukee: address is "5 Example Street", the file left')
    assert the_location().address == "5 Example Street"
    assert loaded(force=True).changed == 1
    assert the_location().address.startswith("100 Example Foothills")


@pytest.mark.usefixtures("app")
def test_a_change_by_the_desk_that_the_file_follows_is_no_conflict() -> None:
    loaded()
    with transaction():
        the_location().address = "5 Example Street"
    followed = changed(("100 Example Foothills Parkway, Phoenix, AZ 85048", "5 Example Street"))
    assert not loaded(followed)


@pytest.mark.usefixtures("app")
def test_hours_the_desk_has_ended_are_not_begun_again_unasked() -> None:
    loaded()
    with transaction():
        row = db.session.scalars(
            select(OpeningHours).filter_by(location_id=the_location().id, weekday=0)
        ).one()
        row.valid_to = TODAY - timedelta(days=7)
    with pytest.raises(DeskChangesConflict):
        loaded()
    loaded(force=True)
    assert [begins for _, begins, _ in hours_of_mondays()] == [date(2026, 1, 1), TODAY]


@pytest.mark.usefixtures("app")
def test_a_password_is_no_change_by_the_desk() -> None:
    loaded()
    with transaction():
        db.session.scalars(select(Staff).order_by(Staff.id)).first().password_hash = "a hash"
    assert not loaded()


@pytest.mark.usefixtures("app")
def test_an_address_someone_else_signs_in_with_is_refused() -> None:
    loaded()
    text = changed(('slug = "joy-lane"', 'slug = "joy-lane-2"'))
    with pytest.raises(ClinicFileError) as refusal:
        loaded(text)
    assert refusal.value.problems == ("staff joy-lane-2: clashes with what the clinic has already",)
