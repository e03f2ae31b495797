"""Hours as people type and read them, and as the clinic file has them."""

import re
from datetime import time

from flask_babel import gettext as _

from booking.clinic.weeks import parse_spans
from booking.locations.rules import END_OF_DAY
from booking.web.formats import format_clock

CLOCK = r"(\d{1,2})(?::(\d{2}))? ?(?:([ap])\.?m\.?)?"
SPAN = re.compile(rf"{CLOCK} ?(?:-|–|—|to) ?{CLOCK}", re.IGNORECASE)
NOON = 12
WORDS = {"midnight": "12 AM", "noon": "12 PM"}


def normalize_hours(text: str) -> str:
    """Return "8 AM - 5:30 PM" or "8:00–17:30" as 08:00-17:30; what can't be read surely, as it was typed.

    A number alone is no time: "9-5" could be anything.
    """
    if text.lower() == "closed":
        return "closed"
    spans = [_normalize_span(part.strip()) for part in re.split(r"[,;]", text)]
    return ", ".join(spans)


def format_typed_hours(text: str) -> str:
    """Return 08:00-17:30 as "8:00 AM – 5:30 PM"; what the file wouldn't take, as it is."""
    try:
        spans = parse_spans(text)
    except ValueError:
        return text
    return ", ".join(" – ".join(map(_format_time, span)) for span in spans) or text


def _format_time(at: time) -> str:
    return str(_("midnight")) if at in (time(), END_OF_DAY) else format_clock(at)


def _normalize_span(text: str) -> str:
    match = SPAN.fullmatch(
        re.sub("midnight|noon", lambda word: WORDS[word[0].lower()], text, flags=re.IGNORECASE)
    )
    times = (
        [_normalize_time(*match.groups()[start : start + 3]) for start in (0, 3)] if match else []
    )
    return "-".join(times) if times and all(times) else text


def _normalize_time(hour: str, minute: str | None, half: str | None) -> str:
    """Return a time as 08:00; empty where it is none."""
    number = int(hour)
    if half is None:
        return f"{number:02}:{minute}" if minute is not None else ""
    if not 1 <= number <= NOON:
        return ""
    return f"{number % NOON + (NOON if half.lower() == 'p' else 0):02}:{minute or '00'}"
