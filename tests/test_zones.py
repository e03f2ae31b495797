"""Local times are known by the locked `tzdata`, wherever the service runs."""

import os
import subprocess
import sys
from datetime import datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from booking import zones
from tests.server import ROOT

ASKED = """
from datetime import datetime
from zoneinfo import ZoneInfo
import booking
from icalendar import Calendar, Event
summer = datetime(2027, 7, 1, 9, tzinfo=ZoneInfo("America/Denver"))
calendar, event = Calendar(), Event()
event.add("dtstart", summer)
calendar.add_component(event)
calendar.add_missing_timezones()
written = calendar.to_ical().decode()
print(summer.utcoffset(), "TZOFFSETTO:-0600" in written)
"""


def test_the_systems_files_are_not_read(tmp_path: Path) -> None:
    """A machine whose files know Denver without daylight saving time."""
    wrong = files("tzdata") / "zoneinfo" / "America" / "Phoenix"
    (tmp_path / "America").mkdir()
    (tmp_path / "America" / "Denver").write_bytes(wrong.read_bytes())
    environment = {**os.environ, "PYTHONTZPATH": str(tmp_path), "PYTHONPATH": str(ROOT)}
    process = subprocess.run(
        [sys.executable, "-c", ASKED], env=environment, capture_output=True, text=True, check=True
    )
    assert process.stdout == "-1 day, 18:00:00 True\n"


def test_the_version_is_that_of_the_lock_file() -> None:
    assert version("tzdata") == zones.VERSION
    assert f"tzdata=={zones.VERSION} " in (ROOT / "requirements.lock").read_text()


def test_a_law_of_this_year_is_known() -> None:
    """British Columbia keeps daylight saving time all year from 2026 on."""
    winter = datetime(2026, 12, 1, 9, tzinfo=ZoneInfo("America/Vancouver"))
    assert winter.strftime("%z") == "-0700"
