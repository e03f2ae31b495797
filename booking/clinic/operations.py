"""Loading the clinic file: all of it or nothing, and nothing the second time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from booking.appointments.impossible import (
    Impossibles,
    MisfitAppointment,
    list_impossible_appointments,
    update_call_tasks,
)
from booking.appointments.resource_exchange import ResourceExchange, exchange_missing_resources
from booking.audit import operations as audit
from booking.calendars import availability
from booking.calendars.catalogue import read_catalogue
from booking.clinic.desired_rows import list_desired_rows
from booking.clinic.loader import ClinicLoader
from booking.clinic.models import ClinicLoad
from booking.clinic.parsing import parse_clinic_file
from booking.clinic.schema import ClinicFile
from booking.clinic.versions import add_changed_versions
from booking.clock import local_date
from booking.db.idempotency import canonical_digest
from booking.db.transactions import transaction
from booking.extensions import db

HEADING = ("valid_from", "state", "holidays")


class DeskChangesConflict(Exception):
    """The desk has changed what this file would overwrite; `differences` say each one."""

    def __init__(self, differences: Sequence[str]) -> None:
        super().__init__("\n".join(differences))
        self.differences = tuple(differences)


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load adds, changes and retires: how many of each, and a line for each one.

    `exchanges` are the appointments to come that keep their time with another room, chair or seat;
    `impossible` those that can't take place afterwards, `newly_impossible` those of them that could before,
    or couldn't for another reason; soonest first.
    """

    added: int
    changed: int
    retired: int
    lines: tuple[str, ...]
    exchanges: tuple[ResourceExchange, ...]
    impossible: tuple[MisfitAppointment, ...]
    newly_impossible: tuple[MisfitAppointment, ...]

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.lines)


class _RollBackPreview(Exception):
    """Ends a preview's transaction, so that nothing of it is kept."""

    def __init__(self, changes: LoadResult) -> None:
        super().__init__()
        self.changes = changes


@transaction()
def load_clinic(
    text: str, now: datetime, actor: str, *, force: bool = False, by_page: bool = False
) -> LoadResult:
    """Make the clinic as the file says. What it no longer names is retired, never deleted.

    Appointments stay, in another room, chair or seat where theirs is gone and one is free. Of each that
    can't take place any more, nothing is reminded and the desk is asked to call. Raises `ClinicFileError`
    for a file that isn't right, and `DeskChangesConflict` where the desk has changed what the last load left,
    unless `force` is given. `by_page`: the text is the clinic as it stands, changed by a page.
    """
    clinic = parse_clinic_file(text)
    lock_last_load()
    loading = _begin(clinic, now, by_page=by_page)
    before = list_impossible_appointments(read_catalogue(), now)
    for row in list_desired_rows(clinic, loading.today):
        loading.upsert(row)
    loading.retire_missing()
    add_changed_versions(clinic, loading)
    if loading.overwritten and not (force or by_page):
        raise DeskChangesConflict(sorted(loading.overwritten))
    db.session.flush()
    catalogue = read_catalogue()
    exchanges = exchange_missing_resources(
        catalogue, list_impossible_appointments(catalogue, now), now, actor
    )
    after = list_impossible_appointments(catalogue, now)
    changes = _changes(loading, exchanges, before, after)
    if changes or loading.templates != loading.templates_before or _is_heading_new(clinic):
        _record_load(clinic, loading, changes, actor, by_page=by_page)
    update_call_tasks(before, after, now)
    return changes


def preview_load(
    text: str, now: datetime, *, force: bool = False, by_page: bool = False
) -> LoadResult:
    """Return what `load_clinic` would change, changing nothing; raises what `load_clinic` raises."""
    try:
        with transaction():
            raise _RollBackPreview(load_clinic(text, now, "preview", force=force, by_page=by_page))
    except _RollBackPreview as done:
        return done.changes


def find_last_load() -> ClinicLoad | None:
    """Return the load that changed something last."""
    return db.session.scalar(select(ClinicLoad).order_by(ClinicLoad.id.desc()).limit(1))


def lock_last_load() -> None:
    """Let loads, by files and pages, go one after the other to the transaction's end."""
    first = select(ClinicLoad.id).order_by(ClinicLoad.id).limit(1)
    db.session.execute(first.with_for_update()).all()


def find_base_load(edited_from: str) -> ClinicLoad | None:
    """Return the load whose state a file was made from: the last file's, or a later page's."""
    is_base = or_(ClinicLoad.by_page.is_(False), ClinicLoad.digest == edited_from)
    return db.session.scalar(
        select(ClinicLoad).where(is_base).order_by(ClinicLoad.id.desc()).limit(1)
    )


def _begin(clinic: ClinicFile, now: datetime, *, by_page: bool) -> ClinicLoader:
    """Weekly rules hold from the file's date on; what a later load changes, never before today."""
    last = find_last_load()
    today = min(local_date(now, location.time_zone) for location in clinic.locations)
    begins = max(clinic.valid_from, today) if last else clinic.valid_from
    base = last if by_page else find_base_load(clinic.edited_from)
    return ClinicLoader(last, base, begins, today, now)


def _is_heading_new(clinic: ClinicFile) -> bool:
    last = find_last_load()
    return last is None or last.heading != _heading(clinic)


def _heading(clinic: ClinicFile) -> dict[str, Any]:
    """Return what the file says and no row does: an export writes it again."""
    infusions = {
        service.slug: list(service.infusion) for service in clinic.services if service.infusion
    }
    heading = clinic.model_dump(mode="json", include=set(HEADING))
    return {**heading, "infusions": infusions}


def _list_newly_impossible(before: Impossibles, after: Impossibles) -> list[MisfitAppointment]:
    return [
        impossible
        for key, impossible in after.items()
        if key not in before or before[key].problem != impossible.problem
    ]


def _changes(
    loading: ClinicLoader,
    exchanges: Sequence[ResourceExchange],
    before: Impossibles,
    after: Impossibles,
) -> LoadResult:
    names_by_change = {
        "added": loading.added,
        "changed": loading.changed,
        "retired": loading.retired,
    }
    lines = tuple(
        f"{change} {name}" for change, names in names_by_change.items() for name in sorted(names)
    )
    counts = (len(loading.added), len(loading.changed), len(loading.retired))
    newly_impossible = tuple(_list_newly_impossible(before, after))
    return LoadResult(*counts, lines, tuple(exchanges), tuple(after.values()), newly_impossible)


def _record_load(
    clinic: ClinicFile, loading: ClinicLoader, changes: LoadResult, actor: str, *, by_page: bool
) -> None:
    values = {key: entry["values"] for key, entry in loading.written.items()}
    heading = _heading(clinic)
    load = ClinicLoad(
        digest=canonical_digest([values, loading.templates, heading]),
        by_page=by_page,
        rows=loading.written,
        templates=loading.templates,
        heading=heading,
        loaded_at=loading.now,
    )
    db.session.add(load)
    db.session.flush()
    availability.increment_catalogue_version()
    facts = {"added": changes.added, "changed": changes.changed, "retired": changes.retired}
    audit.record(actor, "load_clinic", "clinic_load", load.id, loading.now, **facts)
