"""What is wrong with a day that a form of the desk asks for."""

from datetime import date

from flask_babel import gettext as _

from booking import dates
from booking.web.formats import format_long_date


def validate_date(day: date | None, today: date) -> str:
    """Return what is wrong with a day to come; nothing where none was typed."""
    last = dates.latest_plannable_date(today)
    if day is None or today <= day <= last:
        return ""
    if day < today:
        return str(_("Choose today or a later day."))
    return str(_("Choose a day up to %(last)s.", last=format_long_date(last)))
