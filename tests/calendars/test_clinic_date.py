"""What day it is, is the clinic's to say: in its evening it is tomorrow already in UTC."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import Flask

from booking.calendars import availability
from booking.interchange.schemas import require_past_birth_date
from tests.builders import a_clinic

EVENING = datetime(2026, 12, 1, 3, tzinfo=UTC)  # 8 PM of the day before in Phoenix


def test_in_the_evening_it_is_still_today(app: Flask) -> None:
    a_clinic()
    assert availability.get_clinic_date(EVENING) == date(2026, 11, 30)


def test_in_the_evening_nobody_is_born_tomorrow(app: Flask) -> None:
    a_clinic()
    with time_machine.travel(EVENING, tick=False), pytest.raises(ValueError, match="in the past"):
        require_past_birth_date(date(2026, 12, 1))
