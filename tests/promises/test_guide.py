"""What a clinic may write in its file is in the guide to it."""

import pytest

from booking.reminders.rules import AT_BOOKING, REMINDER_KINDS
from tests.promises.source import ROOT

GUIDE = (ROOT / "docs" / "clinic-file.md").read_text()


@pytest.mark.parametrize("kind", sorted(AT_BOOKING | REMINDER_KINDS))
def test_every_message_a_clinic_may_choose_is_in_the_guide(kind: str) -> None:
    assert f'`"{kind}"`' in GUIDE
