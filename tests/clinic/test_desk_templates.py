"""The clinic file and templates signed at the desk: an import doesn't go over what it hasn't seen."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from booking.clinic.models import ClinicLoad
from booking.clinic.operations import DeskChangesConflict
from booking.clinic.schema import ClinicFileError
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series import template_operations as templates
from booking.series.queries import list_templates
from booking.series.template_queries import find_newest_version, find_open_retirement, list_versions
from booking.series.templates import Template
from booking.staff.models import Role, Staff
from tests.clinic.files import DEMO, changed, without_template
from tests.clinic.loads import LATER, loaded

EDITED = changed(("sessions = 6", "sessions = 8"))


def a_practitioner() -> int:
    """Return the clinic file's first, Dr. Ana Reyes: rows of PostgreSQL come in whatever order they lie."""
    people = select(Staff).filter_by(role=Role.PRACTITIONER).order_by(Staff.id)
    return db.session.scalars(people).first().id


def sign(slug: str, sessions: int = 4) -> None:
    """Sign a next version of a template, or a new one like "booster", with other numbers."""
    row = find_newest_version(slug) or find_newest_version("booster")
    assert row is not None
    content = Template.from_dict(row.data)
    first = replace(content.phases[0], sessions=sessions)
    edited = replace(content, slug=slug, phases=(first, *content.phases[1:]))
    is_new = find_newest_version(slug) is None
    templates.save_draft(edited, a_practitioner(), LATER, is_new=is_new)
    templates.sign_draft(slug, a_practitioner(), "Checked", "Better", LATER)


def versions(slug: str = "recommended") -> list[tuple[int, int, bool]]:
    """Return version, sessions of the first phase, and whether it is offered, the oldest first."""
    return [
        (row.version, row.data["phases"][0]["sessions"], row.active)
        for row in reversed(list_versions(slug))
    ]


@pytest.mark.usefixtures("app")
def test_a_version_signed_at_the_desk_is_not_overwritten_unasked() -> None:
    loaded()
    sign("recommended")
    with pytest.raises(DeskChangesConflict) as told:
        loaded(EDITED)
    (difference,) = told.value.differences
    assert difference.startswith("schedule_template recommended: version 2 was signed by Dr.")
    assert difference.endswith("the file left version 1")
    assert versions() == [(1, 6, False), (2, 4, True)]
    loaded(EDITED, force=True)
    assert versions() == [(1, 6, False), (2, 4, False), (3, 8, True)]
    assert not loaded(EDITED)


@pytest.mark.usefixtures("app")
def test_the_very_file_that_was_loaded_is_refused_too_once_the_desk_signed() -> None:
    loaded()
    sign("recommended")
    with pytest.raises(DeskChangesConflict):
        loaded()


@pytest.mark.usefixtures("app")
def test_a_template_made_at_the_desk_stays_when_a_file_is_loaded() -> None:
    loaded()
    sign("evening")
    assert not loaded()
    assert versions("evening") == [(1, 4, True)]
    assert loaded(EDITED).lines == ("added schedule_template recommended version 2",)
    assert "evening" in [row.slug for row in list_templates()]


@pytest.mark.usefixtures("app")
def test_a_template_retired_at_the_desk_is_not_offered_again_unasked() -> None:
    loaded()
    templates.retire_template("booster", a_practitioner(), "Not here", LATER)
    for text in (changed(("sessions = 2\n", "sessions = 1\n")), DEMO):
        with pytest.raises(DeskChangesConflict) as told:
            loaded(text)
        assert "schedule_template booster: the desk retired it on" in told.value.differences[0]
    assert not loaded(without_template("booster"))
    loaded(force=True)
    assert versions("booster") == [(1, 2, True)]
    assert find_open_retirement("booster") is None


@pytest.mark.usefixtures("app")
def test_a_file_without_a_template_that_the_desk_changed_does_not_retire_it_unasked() -> None:
    loaded()
    sign("booster", 1)
    with pytest.raises(DeskChangesConflict):
        loaded(without_template("booster"))
    assert loaded(without_template("booster"), force=True).lines == (
        "retired schedule_template booster",
    )


@pytest.mark.usefixtures("app")
def test_a_file_edited_from_the_desks_version_is_no_conflict() -> None:
    loaded()
    sign("recommended")
    newest = find_newest_version("recommended")
    assert newest is not None
    known = changed(
        ('slug = "recommended"\n', f'slug = "recommended"\nedited_from = "{newest.digest}"\n'),
        text=EDITED,
    )
    assert loaded(known).lines == ("added schedule_template recommended version 3",)


@pytest.mark.usefixtures("app")
def test_loads_of_earlier_releases_say_nothing_of_templates() -> None:
    loaded()
    sign("evening")
    with transaction():
        load = db.session.scalars(select(ClinicLoad)).one()
        load.templates = load.heading = None
    assert loaded(without_template("booster")).lines == ("retired schedule_template booster",)
    assert versions("evening") == [(1, 4, True)]


@pytest.mark.parametrize("digest", ['"of another kind"', "5"])
def test_what_no_export_wrote_is_refused(app: object, digest: str) -> None:
    edit = ('slug = "recommended"\n', f'slug = "recommended"\nedited_from = {digest}\n')
    with pytest.raises(ClinicFileError) as refusal:
        loaded(changed(edit))
    assert "templates.recommended: edited_from: expected" in refusal.value.problems[0]
