"""What one request reads once, however many lines its page has."""

from flask import Flask

from booking.calendars import offering


def set_up(app: Flask) -> None:
    """Keep the catalogue from the beginning of each request to its end."""
    app.before_request(offering.begin_page)
    app.teardown_request(lambda _error: offering.end_page())
