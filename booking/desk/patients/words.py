"""Days and languages on patients' pages: years are shown, as what is past reaches back for years."""

from datetime import datetime

from booking.clock import local_date
from booking.desk.blueprint import blueprint
from booking.web.formats import format_dated_day
from booking.web.page_language import language_name


def format_dated_local_day(instant: datetime, zone: str) -> str:
    """Return the day an instant falls on in `zone` (IANA), like "Tue, Dec 1, 2026"."""
    return format_dated_day(local_date(instant, zone))


for _show in (format_dated_local_day, language_name):
    blueprint.add_app_template_filter(_show)
