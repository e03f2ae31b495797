"""What is added is in the guide to it: what a clinic may write in its file, and each dependency."""

import re
import tomllib

import pytest

from booking.reminders.rules import AT_BOOKING, REMINDER_KINDS
from tests.promises.source import ROOT

GUIDE = (ROOT / "docs" / "clinic-file.md").read_text()


@pytest.mark.parametrize("kind", sorted(AT_BOOKING | REMINDER_KINDS))
def test_every_message_a_clinic_may_choose_is_in_the_guide(kind: str) -> None:
    assert f'`"{kind}"`' in GUIDE


def test_every_dependency_is_locked_and_says_why() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = [re.split(r"[\[><=,]", line)[0] for line in wanted]
    reasons = (ROOT / "docs" / "dependencies.md").read_text()
    lock = (ROOT / "requirements.lock").read_text()
    assert [name for name in names if not re.search(rf"^{name}==", lock, re.MULTILINE)] == []
    assert [
        name for name in names if not re.search(rf"^\|.*\b{name}\b.*\|", reasons, re.MULTILINE)
    ] == []


def test_the_guide_stops_the_web_with_the_socket_that_would_start_it_again() -> None:
    guide = (ROOT / "docs/operating.md").read_text()
    stops = re.findall(r"systemctl stop ([a-z. -]+)", guide)
    assert len(stops) == 3
    assert all({"booking-web.socket", "booking-web"} <= set(names.split()) for names in stops)
