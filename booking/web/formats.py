"""How times, days, money and phone numbers are shown: always in a location's zone, always named."""

from datetime import date, datetime, time
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.core import Locale, get_global
from babel.dates import format_date, format_time, get_timezone_name
from babel.localedata import load
from babel.numbers import format_currency
from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

from booking import clock
from booking.calendars.deadlines import Deadline
from booking.languages import LANGUAGES, locale_of
from booking.patients.contacts import can_be_called, format_email, format_phone

UNBROKEN = Markup('<span class="unbroken">%s</span>')


def page_locale() -> str:
    """Return the CLDR locale that this page's times, days and money are written by."""
    return locale_of(str(get_locale()))


def first_weekday() -> int:
    """Return the day of the week with which this page's calendars begin (Monday is 0)."""
    return Locale.parse(page_locale()).first_week_day


def format_local_time(instant: datetime, zone: str | ZoneInfo) -> str:
    """Return the time of day, like "2:30 PM", in `zone`."""
    local = instant.astimezone(_zone(zone))
    return format_time(local, "short", tzinfo=_zone(zone), locale=page_locale()).replace(
        "\u202f", " "
    )


def render_time(instant: datetime, zone: str | ZoneInfo) -> Markup:
    """Return the time of day for running text: in one piece, as no line ends before "PM"."""
    return UNBROKEN % format_local_time(instant, zone)


def format_clock(at: time) -> str:
    """Return a local time of day, like "2:30 PM"."""
    return format_time(at, "short", locale=page_locale()).replace("\u202f", " ")


def format_local_day(instant: datetime, zone: str | ZoneInfo) -> str:
    """Return the day, like "Tuesday, December 1", in `zone`."""
    return format_day(instant.astimezone(_zone(zone)).date())


def format_day(day: date) -> str:
    """Return a date like "Tuesday, December 1"."""
    # Translators: a date, as CLDR writes patterns of dates
    return format_date(day, _("EEEE, MMMM d"), locale=page_locale())


def format_long_date(day: date) -> str:
    """Return a date with its year, like "December 1, 2026"."""
    return format_date(day, "long", locale=page_locale())


def format_short_day(day: date) -> str:
    """Return a date like "Tue, Dec 1"."""
    # Translators: a short date, as CLDR writes patterns of dates
    return format_date(day, _("EEE, MMM d"), locale=page_locale())


def format_dated_day(day: date) -> str:
    """Return a date like "Tue, Dec 1, 2026"."""
    # Translators: a short date with its year, as CLDR writes patterns of dates
    return format_date(day, _("EEE, MMM d, y"), locale=page_locale())


def format_day_of_any_year(day: date) -> str:
    """Return a date like "Tuesday, December 1", with its year unless that is the present one (UTC)."""
    if day.year == clock.now().year:
        return format_day(day)
    # Translators: a date with its year, as CLDR writes patterns of dates
    return format_date(day, _("EEEE, MMMM d, y"), locale=page_locale())


def format_short_day_of_any_year(day: date) -> str:
    """Return a date like "Tue, Dec 1", with its year unless that is the present one (UTC)."""
    return format_short_day(day) if day.year == clock.now().year else format_dated_day(day)


def format_month_day(day: date) -> str:
    """Return a date like "Dec 1"."""
    # Translators: a date without its year, as CLDR writes patterns of dates
    return format_date(day, _("MMM d"), locale=page_locale())


def format_date_range(first: date, last: date) -> str:
    """Return a stretch of days like "Nov 22, 2026 – Dec 26, 2026"."""
    # Translators: a short date with its year, as CLDR writes patterns of dates
    pattern = _("MMM d, y")
    begin, end = (format_date(day, pattern, locale=page_locale()) for day in (first, last))
    return f"{begin} – {end}"


def format_weekday(day: date) -> str:
    """Return a date's day of the week like "Tuesday"."""
    # Translators: a day of the week, as CLDR writes patterns of dates
    return format_date(day, _("EEEE"), locale=page_locale())


def format_short_weekday(day: date) -> str:
    """Return a date's day of the week like "Tue"."""
    # Translators: a short day of the week, as CLDR writes patterns of dates
    return format_date(day, _("EEE"), locale=page_locale())


def render_deadline(deadline: Deadline) -> Markup:
    """Return by when something is done, like "Friday, November 27, 5 PM (Mountain Standard Time)"."""
    time = format_local_time(deadline.at, deadline.zone).replace(":00 ", " ")
    return escape(_("%(day)s, %(time)s (%(zone)s)")) % {
        "day": format_local_day(deadline.at, deadline.zone),
        "time": UNBROKEN % time,
        "zone": format_zone_name(deadline.at, deadline.zone),
    }


def format_zone_name(instant: datetime, zone: str | ZoneInfo) -> str:
    """Return the zone's name in words, like "Mountain Standard Time"."""
    return get_timezone_name(instant.astimezone(_zone(zone)), locale=page_locale())


def format_money(cents: int) -> str:
    """Return an amount of US cents, like "$150" or "$99.50"."""
    is_whole = cents % 100 == 0
    pattern = "¤#,##0" if is_whole else None
    return format_currency(
        Decimal(cents) / 100, "USD", pattern, page_locale(), currency_digits=not is_whole
    )


def map_url(address: str) -> str:
    """Return where a map shows a street address, and the way there (Google's Maps URLs)."""
    query = urlencode({"api": 1, "query": address})
    return f"https://www.google.com/maps/search/?{query}"


def _zone(zone: str | ZoneInfo) -> ZoneInfo:
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def init_app(app: Flask) -> None:
    """Offer the formats to templates, as filters; read what they need while there is one process."""
    for language in LANGUAGES:
        load(locale_of(language))
    get_global("meta_zones")
    app.add_template_global(get_locale, "get_locale")
    for show in (
        format_local_time,
        format_local_day,
        render_deadline,
        render_time,
        format_day,
        format_short_day,
        format_day_of_any_year,
        format_month_day,
        format_date_range,
        format_weekday,
        format_short_weekday,
        format_zone_name,
        format_money,
        format_phone,
        can_be_called,
        format_email,
        map_url,
    ):
        app.add_template_filter(show)
