"""The law of the clocks that Vancouver had before 2026, made by the test: Los Angeles still has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo, reset_tzpath

from icalendar import use_zoneinfo

from booking import zones
from booking.calendars.slot_cache import get_slot_cache
from booking.extensions import db


def write_the_law_of_before(folder: Path) -> None:
    """Write the zone file of a Vancouver whose clocks go back in winter."""
    old = (files("tzdata") / "zoneinfo" / "America" / "Los_Angeles").read_bytes()
    (folder / "America").mkdir()
    (folder / "America" / "Vancouver").write_bytes(old)


@contextmanager
def the_law_of_before(folder: Path) -> Iterator[None]:
    """Let Vancouver's clocks go back in winter, as `tzdata` 2025.3 has it."""
    write_the_law_of_before(folder)
    reset_tzpath([str(folder)])
    ZoneInfo.clear_cache()
    use_zoneinfo()  # type: ignore[no-untyped-call]  # icalendar starts with nothing kept
    try:
        yield
    finally:
        zones.use_locked_tzdata()
        use_zoneinfo()  # type: ignore[no-untyped-call]  # the same
        forget()


def forget() -> None:
    """Start anew, as processes do after an upgrade."""
    get_slot_cache().catalogue = None
    get_slot_cache().days.clear()
    db.session.rollback()
    db.session.expire_all()
