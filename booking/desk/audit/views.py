"""Who saw and changed what: the trail, searched by patient, person, action and days; a look is on it, too."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, abort, render_template, request, url_for
from flask_babel import gettext as _

from booking import clock, dates
from booking.access import Access, access
from booking.audit.models import AuditEntry
from booking.audit.queries import TrailSearch, search_trail
from booking.audit.rules import parse_staff_actor, staff_actor
from booking.desk.audit.subjects import Subjects, list_audit_subjects
from booking.desk.audit.words import describe_actor, describe_facts, describe_subject
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.patients.queries import find_patient
from booking.staff.people import list_people
from booking.staff.queries import get_staff_names
from booking.web.spreadsheets import Cell, build_csv_download

PAGE_SIZE, MOST_ROWS = 50, 5000  # shown at once, and in a file
DAYS = 30  # that are looked at where none are typed
FILTERS = ("staff", "action", "from", "to")
HEADER = ("number", "at", "who", "action", "about", "facts")
Page = str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class DaysFilter:
    """The local days that are looked at, as typed, and what is wrong with each by field."""

    texts: dict[str, str]
    first: date
    last: date
    errors: dict[str, str]


@blueprint.get("/audit")
@access(Access.OVERSIGHT)
def search_audit() -> Page:
    """Show the trail, the latest first, a page at a time."""
    return _page(None)


@blueprint.get("/audit/patients/<int:patient_id>")
@access(Access.OVERSIGHT)
def search_patient_audit(patient_id: int) -> Page:
    """Show the trail of one patient, likewise."""
    return _page(patient_id)


def _page(patient_id: int | None) -> Page:
    days = _read_days()
    search = _read_search(patient_id, days)
    if days.errors:
        return _render(patient_id, days, []), 422
    entries = search_trail(search, PAGE_SIZE + 1)
    return _render(patient_id, days, entries[:PAGE_SIZE], has_more=len(entries) > PAGE_SIZE)


def _render(
    patient_id: int | None, days: DaysFilter, rows: list[AuditEntry], *, has_more: bool = False
) -> str:
    names = _names(rows)
    return render_template(
        "desk/audit/audit.html",
        patient=find_patient(patient_id) if patient_id else None,
        rows=[(entry, *_describe(entry, names)) for entry in rows],
        next_address=_address("search", patient_id, before=rows[-1].id) if has_more else "",
        file_address=_address("download", patient_id),
        search_address=_address("search", patient_id).partition("?")[0],
        people=list_people(),
        days=days,
        zone=_zone(),
    )


@blueprint.get("/audit.csv")
@access(Access.OVERSIGHT)
def download_audit() -> Response | Page:
    """Give the trail that is shown as a file."""
    return _file(None)


@blueprint.get("/audit/patients/<int:patient_id>/trail.csv")
@access(Access.OVERSIGHT)
def download_patient_audit(patient_id: int) -> Response | Page:
    """Give the trail of one patient, likewise."""
    return _file(patient_id)


def _file(patient_id: int | None) -> Response | Page:
    days = _read_days()
    search = _read_search(patient_id, days)
    if days.errors:
        return _render(patient_id, days, []), 422
    entries = search_trail(replace(search, before_id=None), MOST_ROWS)
    names = _names(entries)
    rows: list[list[Cell]] = [
        [entry.id, entry.at.astimezone(_zone()).isoformat(), *_cells(entry, names)]
        for entry in entries
    ]
    return build_csv_download("audit", HEADER, rows)


def _cells(entry: AuditEntry, names: dict[int, str]) -> list[Cell]:
    who, about, facts = _describe(entry, names)
    return [who, entry.action, about, facts]


def _describe(entry: AuditEntry, names: dict[int, str]) -> tuple[str, str, str]:
    return describe_actor(entry.actor, names), describe_subject(entry), describe_facts(entry)


def _names(entries: list[AuditEntry]) -> dict[int, str]:
    numbers = {parse_staff_actor(entry.actor) for entry in entries}
    return get_staff_names([number for number in numbers if number is not None])


def _read_search(patient_id: int | None, days: DaysFilter) -> TrailSearch:
    staff_id = request.args.get("staff", type=int)
    return TrailSearch(
        since=_begins(days.first),
        until=_begins(days.last + timedelta(days=1)),
        subjects=_subjects(patient_id) if patient_id else None,
        actor=staff_actor(staff_id) if staff_id else "",
        action=request.args.get("action", "").strip()[:60],
        before_id=request.args.get("before", type=_row_id),
    )


def _subjects(patient_id: int) -> Subjects:
    """Return all that entries about a patient can be about."""
    if find_patient(patient_id) is None:
        abort(404)
    return list_audit_subjects(patient_id)


def _read_days() -> DaysFilter:
    """Return which days are looked at, in whichever order they were typed."""
    texts = {name: request.args.get(name, "").strip() for name in ("from", "to")}
    days = {name: dates.parse_day(text) for name, text in texts.items()}
    errors = {
        name: _("Enter a day, like 2026-12-01.") for name in days if texts[name] and not days[name]
    }
    last = days["to"] or clock.local_date(clock.now(), _zone().key)
    first = days["from"] or last - timedelta(days=DAYS)
    first, last = min(first, last), max(first, last)
    if not errors:
        texts = {"from": first.isoformat(), "to": last.isoformat()}
    return DaysFilter(texts, first, last, errors)


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), _zone())


def _zone() -> ZoneInfo:
    return last_used_location().zone


def _row_id(text: str) -> int:
    """Read the number of an entry; what none can have is none."""
    number = int(text)
    if not 0 < number < 2**31:
        raise ValueError(text)
    return number


def _address(verb: str, patient_id: int | None, **more: int) -> str:
    """Return where the same is searched or saved, of one patient or of all."""
    values: dict[str, Any] = {**_filters(), **more}
    if patient_id is None:
        return url_for(f"desk.{verb}_audit", **values)
    return url_for(f"desk.{verb}_patient_audit", patient_id=patient_id, **values)


def _filters() -> dict[str, Any]:
    """Return what was typed to search by."""
    return {name: request.args[name] for name in FILTERS if name in request.args}
