"""Slots as a patient chooses among them."""

from datetime import time

from flask import Flask

from booking.site.slot_lists import find_soonest_slots
from tests.builders import TOMORROW, a_clinic, local


def test_the_soonest_of_an_evening_are_still_todays(app: Flask) -> None:
    a_clinic(closes=time(22))
    now = local(17, 30)  # in UTC it is the day after
    assert now.date() > TOMORROW
    assert find_soonest_slots("consultation", now)["ahwatukee"][0].local_start.date() == TOMORROW
