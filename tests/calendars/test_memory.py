"""What a process remembers is shared by its threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from booking.calendars import memory as memory_module
from booking.calendars import offering
from booking.calendars.memory import SlotMemory
from booking.calendars.memory import memory as slot_memory
from booking.extensions import db
from tests.builders import TOMORROW, a_clinic, local


def test_a_day_made_of_an_older_catalogue_is_not_remembered(sqlite_app: Flask) -> None:
    a_clinic()
    older = offering.catalogue()
    place, offer = older.places["ahwatukee"], older.offers["consultation"]
    offering.catalogue_changed()
    offering.catalogue()  # as another thread, while this one still has the older one in hand
    offering.starts_by_day([(place, offer.demand)], TOMORROW, TOMORROW, local(1))
    assert dict(slot_memory().days) == {}
    db.session.rollback()


def test_many_threads_remember_and_forget_without_losing_count(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_clinic()
    monkeypatch.setattr(memory_module, "CACHED_DAYS", 3)
    known = offering.catalogue()
    place, offer = known.places["ahwatukee"], known.offers["consultation"]
    [(_, answer)] = offering.starts_by_day([(place, offer.demand)], TOMORROW, TOMORROW, local(1))
    shared = SlotMemory()

    def use(thread: int) -> None:
        for number in range(2000):
            day = TOMORROW + timedelta(days=number % 7)
            shared.keep((thread, day, offer.demand), answer)
            if number % 50 == 0:
                shared.begin_anew(known)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(8)))
    assert len(shared.days) <= 3
