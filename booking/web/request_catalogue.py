"""What one request reads once, however many lines its page has."""

from flask import Flask

from booking.calendars import slot_cache


def init_app(app: Flask) -> None:
    """Keep the catalogue from the beginning of each request to its end."""
    app.before_request(slot_cache.freeze_catalogue)
    app.teardown_request(lambda _error: slot_cache.unfreeze_catalogue())
