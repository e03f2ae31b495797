"""One section of the clinic file, changed by a page: the clinic as it stands, with it in place, is loaded."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import tomli_w

from booking.appointments.impossible import MisfitAppointment
from booking.clinic.export import describe_clinic
from booking.clinic.operations import LoadResult, load_clinic, lock_last_load, preview_load
from booking.db.idempotency import canonical_digest
from booking.db.transactions import transaction
from booking.db.versions import require_version

LENGTH = 16  # hexadecimal digits of a digest: nobody gains by a collision


class ConsequencesChanged(Exception):
    """Other appointments are affected than were shown; nothing was done. `result` says which."""

    def __init__(self, result: LoadResult) -> None:
        super().__init__()
        self.result = result


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the file: an item of a list by its slug, a new item, or, without a slug, the whole part."""

    part: str
    slug: str = ""
    is_new: bool = False

    def find(self, clinic: dict[str, Any]) -> Any:
        """Return the section's data, none of a new item. Raises `LookupError`."""
        if self.is_new:
            return {}
        if not self.slug:
            return clinic[self.part]
        return {item["slug"]: item for item in clinic[self.part]}[self.slug]

    def replaced(self, clinic: dict[str, Any], value: Any) -> dict[str, Any]:
        """Return the clinic with another value for the section; an item without a value goes."""
        items = clinic[self.part]
        if self.is_new:
            return {**clinic, self.part: [*items, value]}
        if not self.slug:
            return {**clinic, self.part: value}
        replaced = [value if item["slug"] == self.slug else item for item in items]
        return {**clinic, self.part: [item for item in replaced if item is not None]}


def section_version(value: Any) -> str:
    """Return the version of a section, by what it says."""
    return canonical_digest(value)[:LENGTH]


def digest_affected(result: LoadResult) -> str:
    """Return a digest of whom a change itself affects, and why: another one, and others were shown."""
    return canonical_digest([_identify(each) for each in result.newly_impossible])[:LENGTH]


def _identify(impossible: MisfitAppointment) -> list[Any]:
    return [impossible.appointment_id, impossible.reason, impossible.starts_at]


def preview_section(section: Section, value: Any, now: datetime) -> LoadResult:
    """Return what a change would do, changing nothing; raises what `load_clinic` raises."""
    return preview_load(_changed(section, value, now), now, by_page=True)


@transaction()
def change_section(
    section: Section,
    value: Any,
    shown_version: str | None,
    shown_consequences: str,
    now: datetime,
    actor: str,
) -> LoadResult:
    """Load the clinic with the section changed. Raises what `load_clinic` raises.

    `StaleVersion` where the section says something else than was shown, `ConsequencesChanged` where the
    change hurts other appointments.
    """
    lock_last_load()
    require_version(section_version(section.find(describe_clinic(now))), shown_version)
    result = load_clinic(_changed(section, value, now), now, actor, by_page=True)
    if digest_affected(result) != shown_consequences:
        raise ConsequencesChanged(result)
    return result


def _changed(section: Section, value: Any, now: datetime) -> str:
    return tomli_w.dumps(section.replaced(describe_clinic(now), value))
