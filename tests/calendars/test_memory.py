"""What a process remembers is shared by its threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from booking.calendars import availability
from booking.calendars import slot_cache as memory_module
from booking.calendars.slot_cache import SlotCache, get_slot_cache
from booking.extensions import db
from tests.builders import TOMORROW, a_clinic, local


def test_a_day_made_of_an_older_catalogue_is_not_remembered(sqlite_app: Flask) -> None:
    a_clinic()
    older = availability.current_catalogue()
    location, service = older.locations["ahwatukee"], older.services["consultation"]
    availability.increment_catalogue_version()
    availability.current_catalogue()  # as another thread, while this one still has the older one in hand
    availability.list_starts_by_day([(location, service.demand)], TOMORROW, TOMORROW, local(1))
    assert dict(get_slot_cache().days) == {}
    db.session.rollback()


def test_many_threads_remember_and_forget_without_losing_count(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_clinic()
    monkeypatch.setattr(memory_module, "CACHED_DAYS", 3)
    catalogue = availability.current_catalogue()
    location, service = catalogue.locations["ahwatukee"], catalogue.services["consultation"]
    [(_, starts)] = availability.list_starts_by_day(
        [(location, service.demand)], TOMORROW, TOMORROW, local(1)
    )
    shared = SlotCache()

    def use(thread: int) -> None:
        for number in range(2000):
            day = TOMORROW + timedelta(days=number % 7)
            shared.store((thread, day, service.demand), starts)
            if number % 50 == 0:
                shared.reset(catalogue)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(8)))
    assert len(shared.days) <= 3
