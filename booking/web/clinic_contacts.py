"""Who we are and how to reach a person, as the head of each patient's page says it."""

from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar


def init_app(app: Flask) -> None:
    """Offer the clinic's contacts to every template."""
    app.add_template_global(list_contacts)


def list_contacts() -> Sequence[LocationCalendar]:
    """Return the clinic's locations, with name and phone."""
    return tuple(availability.current_catalogue().locations.values())


def list_contacts_on_error(status: int) -> Sequence[LocationCalendar]:
    """Return the locations for a page that says what is wrong; as last read, if that may be the database."""
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        with suppress(SQLAlchemyError):
            return list_contacts()
    catalogue = availability.find_cached_catalogue()
    return tuple(catalogue.locations.values()) if catalogue else ()
