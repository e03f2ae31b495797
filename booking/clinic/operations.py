"""Loading the clinic file: all of it or nothing, and nothing the second time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from booking.appointments.exchanging import Exchanged, exchange_gone
from booking.appointments.misfits import (
    Impossible,
    Impossibles,
    find_impossible,
    settle_calls,
)
from booking.audit import operations as audit
from booking.calendars import offering
from booking.calendars.catalogue import read_catalogue
from booking.clinic.loading import Loading
from booking.clinic.models import ClinicLoad
from booking.clinic.reading import read
from booking.clinic.rows import wanted_rows
from booking.clinic.schema import ClinicFile
from booking.clinic.versions import put_versions
from booking.clock import local_date
from booking.db import transaction
from booking.extensions import db
from booking.idempotency import digest_of


class ChangedSince(Exception):
    """The desk has changed what this file would overwrite; `differences` say each one."""

    def __init__(self, differences: Sequence[str]) -> None:
        super().__init__("\n".join(differences))
        self.differences = tuple(differences)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a load adds, changes and retires: how many of each, and a line for each one.

    `exchanged` are the appointments to come that keep their time with another room, chair or seat;
    `impossible` those that can't take place afterwards; soonest first.
    """

    added: int
    changed: int
    retired: int
    lines: tuple[str, ...]
    exchanged: tuple[Exchanged, ...]
    impossible: tuple[Impossible, ...]

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.lines)


class _OnlyLooking(Exception):
    """Ends a preview's transaction, so that nothing of it is kept."""

    def __init__(self, changes: Changes) -> None:
        super().__init__()
        self.changes = changes


@transaction()
def load(text: str, now: datetime, actor: str, *, force: bool = False) -> Changes:
    """Make the clinic as the file says. What it no longer names is retired, never deleted.

    Appointments stay, in another room, chair or seat where theirs is gone and one is free. Of each that
    can't take place any more, nothing is reminded and the desk is asked to call. Raises `ClinicFileError`
    for a file that isn't right, and `ChangedSince` where the desk has changed what the last load left,
    unless `force` is given.
    """
    found = read(text)
    loading, before = _begin(found, now), find_impossible(read_catalogue(), now)
    for wanted in wanted_rows(found, loading.today):
        loading.put(wanted)
    loading.retire_the_rest()
    put_versions(found, loading)
    if loading.overwritten and not force:
        raise ChangedSince(sorted(loading.overwritten))
    db.session.flush()
    catalogue = read_catalogue()
    exchanged = exchange_gone(catalogue, find_impossible(catalogue, now), now, actor)
    after = find_impossible(catalogue, now)
    changes = _changes(loading, exchanged, after)
    if changes:
        _keep(text, loading, changes, actor)
    settle_calls(before, after, now)
    return changes


def preview(text: str, now: datetime, *, force: bool = False) -> Changes:
    """Return what `load` would change, changing nothing; raises what `load` raises."""
    try:
        with transaction():
            raise _OnlyLooking(load(text, now, "preview", force=force))
    except _OnlyLooking as done:
        return done.changes


def _begin(found: ClinicFile, now: datetime) -> Loading:
    """Weekly rules hold from the file's date on; what a later load changes, never before today."""
    last = db.session.scalar(select(ClinicLoad).order_by(ClinicLoad.id.desc()).limit(1))
    today = min(local_date(now, place.time_zone) for place in found.locations)
    begins = max(found.valid_from, today) if last else found.valid_from
    return Loading(last.rows if last else {}, begins, today, now)


def _changes(loading: Loading, exchanged: Sequence[Exchanged], impossible: Impossibles) -> Changes:
    told = {"added": loading.added, "changed": loading.changed, "retired": loading.retired}
    lines = tuple(f"{what} {name}" for what, names in told.items() for name in sorted(names))
    counts = (len(loading.added), len(loading.changed), len(loading.retired))
    return Changes(*counts, lines, tuple(exchanged), tuple(impossible.values()))


def _keep(text: str, loading: Loading, changes: Changes, actor: str) -> None:
    kept = ClinicLoad(digest=digest_of(text), rows=loading.written, loaded_at=loading.now)
    db.session.add(kept)
    db.session.flush()
    offering.catalogue_changed()
    facts = {"added": changes.added, "changed": changes.changed, "retired": changes.retired}
    audit.record(actor, "load_clinic", "clinic_load", kept.id, loading.now, **facts)
