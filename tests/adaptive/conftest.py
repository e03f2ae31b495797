"""An open-ended series whose patient fills in forms."""

import pytest
from flask import Flask

from booking.mood import operations as mood
from tests.builders import NOW, Clinic, a_clinic
from tests.series.ongoing import Ongoing, an_ongoing_series


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic(weekdays=range(5))


@pytest.fixture
def ongoing(clinic: Clinic) -> Ongoing:
    series = an_ongoing_series(clinic)
    mood.start_mood_schedule(series.series.id, 7, clinic.practitioner.id, NOW)
    return series
