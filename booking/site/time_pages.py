"""Pages of free times, made once for all who ask alike: a visitor's own is the form token alone.

The token is cut out of what is kept and put in again for each visitor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, request
from flask_wtf.csrf import generate_csrf

from booking.calendars.answer_cache import AnswerCache, Stamp
from booking.web.compression import allow_compression
from booking.web.page_language import current_language

MAX_PAGES = 256  # kept in a process; each is some 15 KB
Question = tuple[str, str]


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page cut where the form token stood, and its address's values as it writes them itself."""

    parts: list[str]
    own_values: Mapping[str, str | None]


def _cache() -> AnswerCache[KeptPage]:
    cache: AnswerCache[KeptPage] = current_app.extensions.setdefault(
        "time_pages", AnswerCache(MAX_PAGES)
    )
    return cache


def _question() -> Question:
    """Return all that a page depends on besides the days: its address and its language."""
    return request.full_path, current_language()


def find_time_page(now: datetime) -> str | None:
    """Return the page that this request asks for, if it is kept and still true."""
    page = _cache().find(_question(), now)
    if page is None:
        return None
    allow_compression(page.own_values)
    token: str = generate_csrf()
    return token.join(page.parts)


def keep_time_page(
    page: str, own_values: Mapping[str, str | None], stamp: Stamp, until: datetime
) -> str:
    """Keep this request's page without the visitor's form token; return it as it is."""
    allow_compression(own_values)
    _cache().store(_question(), KeptPage(page.split(generate_csrf()), own_values), stamp, until)
    return page
