"""The clinic at which forms are asked for."""

import pytest
from flask import Flask

from tests.builders import Clinic, a_clinic


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic(weekdays=range(5))
