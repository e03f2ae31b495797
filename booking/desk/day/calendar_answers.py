"""The calendars that a process has answered, kept while the version they were made of holds."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock

from flask import current_app
from flask_babel import get_locale

from booking.desk.day.calendar_range import CalendarRange

KEPT_ANSWERS = 64  # a week with 400 appointments is about 200 kB


@dataclass(slots=True)
class CalendarAnswers:
    """By range and language, the newest version of each calendar and its body."""

    answers: OrderedDict[Hashable, tuple[str, bytes]] = field(default_factory=OrderedDict)
    changing: Lock = field(default_factory=Lock)

    def get_or_build(self, period: CalendarRange, version: str, make: Callable[[], bytes]) -> bytes:
        """Return the body of a version, made if it isn't there; the one asked for longest ago goes."""
        key = (*period.location_ids, period.first, period.last, str(get_locale()))
        kept_version, body = self.answers.get(key, ("", b""))
        if kept_version != version:
            body = make()
        with self.changing:
            self.answers[key] = version, body
            self.answers.move_to_end(key)
            if len(self.answers) > KEPT_ANSWERS:
                self.answers.popitem(last=False)
        return body


def calendar_answers() -> CalendarAnswers:
    """Return this app's memory of calendars."""
    answers: CalendarAnswers = current_app.extensions.setdefault(
        "calendar_answers", CalendarAnswers()
    )
    return answers
