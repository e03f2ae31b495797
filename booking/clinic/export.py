"""Writing the clinic file: the clinic as it stands, so that loading it again changes nothing."""

from datetime import date, datetime
from typing import Any

import tomli_w
from sqlalchemy import select

from booking.calendars.models import Service
from booking.calendars.rules import ResourceNeed, infusion_needs
from booking.clinic.exported_places import export_location
from booking.clinic.exported_weeks import export_shifts, valid_from
from booking.clinic.holidays import OBSERVED
from booking.clinic.models import ClinicLoad
from booking.clinic.operations import find_last_load
from booking.clock import local_date
from booking.extensions import db
from booking.locations.models import Location
from booking.locations.rules import ResourceKind
from booking.reminders.models import ReminderPolicy
from booking.screening.models import Questionnaire
from booking.series.models import PlannerRates
from booking.series.queries import list_templates
from booking.series.templates import Template
from booking.staff.models import Role, Staff


class NothingLoaded(Exception):
    """No clinic file was loaded since release 0.2: what stands in no row is not known."""


def export_clinic(now: datetime) -> str:
    """Return the clinic as a clinic file (TOML). Raises `NothingLoaded`."""
    return tomli_w.dumps(describe_clinic(now))


def describe_clinic(now: datetime) -> dict[str, Any]:
    """Return the clinic as a clinic file's data. Raises `NothingLoaded`."""
    load = find_last_load()
    if load is None or load.heading is None:
        raise NothingLoaded
    return _describe(load, load.heading, now)


def _describe(load: ClinicLoad, heading: dict[str, Any], now: datetime) -> dict[str, Any]:
    locations = db.session.scalars(
        select(Location).filter_by(active=True).order_by(Location.position)
    ).all()
    people = db.session.scalars(select(Staff).filter_by(active=True).order_by(Staff.id)).all()
    services = db.session.scalars(select(Service).filter_by(active=True).order_by(Service.id)).all()
    today = min((local_date(now, row.time_zone) for row in locations), default=now.date())
    return {
        "edited_from": load.digest,
        "valid_from": valid_from(date.fromisoformat(heading["valid_from"]), today).isoformat(),
        "state": heading["state"],
        "holidays": heading["holidays"],
        "locations": [
            export_location(row, load, _holiday_names(heading), today) for row in locations
        ],
        "staff": [_export_person(row, today) for row in people],
        "services": [_export_service(row, heading["infusions"]) for row in services],
        "templates": [_export_template(row.data, row.digest) for row in list_templates()],
        "screening": _export_screening(),
        "reminders": _export_reminders(),
        **_export_planner(),
    }


def _holiday_names(heading: dict[str, Any]) -> set[str]:
    """Return what closures for holidays are called, those observed on another day, too."""
    return {name + ending for name in heading["holidays"] for ending in ("", OBSERVED)}


def _export_person(person: Staff, today: date) -> dict[str, Any]:
    watches = {"watches": person.watches} if person.role is Role.NURSE else {}
    columns = ("slug", "name", "email")
    values = {name: getattr(person, name) for name in columns}
    return {**values, "role": person.role.value, **watches, **export_shifts(person, today)}


def _export_service(service: Service, infusions: dict[str, list[int]]) -> dict[str, Any]:
    columns = (
        *("slug", "names", "minutes", "notice_minutes", "horizon_days", "step_minutes"),
        *("price_cents",),
    )
    values = {name: getattr(service, name) for name in columns}
    occupies: dict[str, Any] = {"needs": service.needs}
    if service.is_infusion:
        occupies = {"infusion": _infusion_minutes(service, infusions.get(service.slug, []))}
    return _without_none({**values, "online": service.bookable_online, **occupies})


def _infusion_minutes(service: Service, minutes_in_file: list[int]) -> list[int]:
    """Return setup, infusion and recovery: as in the file, where that is still what is occupied."""
    needs = [ResourceNeed.from_dict(need) for need in service.needs]
    setup = next((n for n in needs if n.kind is ResourceKind.SEAT and n.offset == 0), None)
    seats, setup_minutes = (setup.count, setup.minutes) if setup else (1, 0)
    if minutes_in_file:
        setup_in_file, infusion, recovery = minutes_in_file
        if tuple(needs) == infusion_needs(setup_in_file, infusion, recovery, seats):
            return minutes_in_file
    return [setup_minutes, service.minutes - setup_minutes, 0]


def _export_template(data: dict[str, Any], digest: str) -> dict[str, Any]:
    values = Template.from_dict(data).to_dict()
    phases = [_without_none(phase) for phase in values.pop("phases")]
    return {**_without(values, "version"), "edited_from": digest, "phases": phases}


def _export_screening() -> dict[str, Any]:
    newest = db.session.scalars(
        select(Questionnaire).order_by(Questionnaire.version.desc()).limit(1)
    ).one()
    questions = [
        question if question.get("listed") else _without(question, "listed")
        for question in newest.questions
    ]
    return {"approved_by": newest.approved_by, "questions": questions}


def _export_reminders() -> list[dict[str, Any]]:
    rows = select(ReminderPolicy).order_by(ReminderPolicy.version.desc()).limit(1)
    return [_without_none(rule) for rule in db.session.scalars(rows).one().rules]


def _export_planner() -> dict[str, Any]:
    row = db.session.scalar(select(PlannerRates).filter_by(active=True))
    return {"planner": {"rates": row.rates}} if row else {}


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what has no value: TOML has no word for it."""
    return {name: value for name, value in values.items() if value is not None}


def _without(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}
