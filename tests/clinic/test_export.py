"""The clinic file that is written from the clinic: loading it gives the same clinic back."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from booking.clinic.export import NothingLoaded, export_clinic
from booking.clinic.parsing import parse_clinic_file
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Closure
from booking.series import template_operations as templates
from booking.series.template_queries import find_newest_version
from booking.series.templates import Template
from tests.builders import NOW
from tests.clinic.files import DEMO, changed
from tests.clinic.loads import LATER, TODAY, loaded, the_location
from tests.clinic.test_desk_templates import a_practitioner


def content(text: str) -> Any:
    """Return what a file says, but for the digests that an export adds, and days said to be closed."""
    clinic = parse_clinic_file(text)
    templates = [part.template for part in clinic.templates]
    rest = clinic.model_dump(exclude={"templates", "edited_from"}, warnings="none")
    for week in (
        *(location["hours"] for location in rest["locations"]),
        *(week for person in rest["staff"] for week in person["shifts"].values()),
    ):
        for day in [day for day, spans in week.items() if not spans]:
            del week[day]
    return rest, templates


def with_a_closure() -> str:
    closure = '[[locations.closures]]\nname = "Painters"\nfirst = 2027-03-01\nlast = 2027-03-05\n\n'
    return changed(("[locations.hours]\n", f"{closure}[locations.hours]\n"))


@pytest.mark.usefixtures("app")
def test_the_demos_file_comes_back_as_it_was() -> None:
    loaded()
    assert content(export_clinic(NOW)) == content(DEMO)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "text",
    [
        with_a_closure(),
        changed(('monday = "08:00-17:30"', 'monday = "08:00-12:00, 13:00-24:00"')),
        changed(("price_cents = 15000\n", "")),
        changed(("infusion = [15, 45, 30]", "infusion = [0, 60, 30]")),
        changed(('slug = "booster"\n', 'slug = "booster"\ntalk_therapy_weeks = 3\n')),
    ],
)  # fmt: skip
def test_what_is_exported_changes_nothing_when_it_is_loaded(text: str) -> None:
    loaded(text)
    exported = export_clinic(NOW)
    assert content(exported) == content(text)
    assert not loaded(exported, LATER)
    assert export_clinic(NOW) == exported


@pytest.mark.usefixtures("app")
def test_what_the_desk_signed_and_closed_is_in_the_export_and_is_no_conflict_then() -> None:
    loaded()
    newest = find_newest_version("recommended")
    assert newest is not None
    template = Template.from_dict(newest.data)
    shorter = (replace(template.phases[0], sessions=4), *template.phases[1:])
    templates.save_draft(replace(template, phases=shorter), a_practitioner(), LATER, is_new=False)
    templates.sign_draft("recommended", a_practitioner(), "Checked", "Shorter", LATER)
    with transaction():
        day = TODAY + timedelta(days=9)
        row = Closure(location_id=the_location().id, first_day=day, last_day=day, name="Flooded")
        db.session.add(row)
    exported = export_clinic(NOW)
    assert parse_clinic_file(exported).templates[0].template.phases == shorter
    assert date.fromisoformat("2026-12-09") in [
        closure.first for closure in parse_clinic_file(exported).locations[0].closures
    ]
    assert not loaded(exported, LATER)
    assert loaded(changed(("sessions = 4", "sessions = 5"), text=exported), LATER).lines == (
        "added schedule_template recommended version 3",
    )


def test_without_a_load_there_is_nothing_to_export(app: Flask) -> None:
    with pytest.raises(NothingLoaded):
        export_clinic(NOW)
    answer = app.test_cli_runner().invoke(args=["clinic", "export"])
    assert answer.exit_code == 1
    assert "load the clinic file once" in answer.output


def test_the_command_writes_a_file_or_to_standard_output(app: Flask, tmp_path: Path) -> None:
    loaded()
    path = tmp_path / "clinic.toml"
    assert app.test_cli_runner().invoke(args=["clinic", "export", str(path)]).exit_code == 0
    printed = app.test_cli_runner().invoke(args=["clinic", "export"]).output
    assert path.read_text() == printed
    assert content(printed) == content(DEMO)
