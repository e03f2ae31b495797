"""What the settings say of second factors, and of what else is kept encrypted."""

from flask import current_app

from booking.staff.models import Role
from booking.staff.rules import parse_words
from booking.staff.secret_box import CALENDAR_ADDRESS, SECOND_FACTOR, SecretBox


def get_second_factor_box() -> SecretBox:
    """Return what the app's secrets are encrypted with."""
    return _box(SECOND_FACTOR)


def get_calendar_address_box() -> SecretBox:
    """Return what the addresses of practitioners' own calendars are encrypted with."""
    return _box(CALENDAR_ADDRESS)


def _box(purpose: bytes) -> SecretBox:
    config = current_app.config
    return SecretBox.from_settings(config["FACTOR_KEY"], config["SECRET_KEY"], purpose)


def takes_second_factor(role: Role) -> bool:
    """Tell whether this role signs in with a second factor, or sets one up first."""
    return role.value in parse_words(current_app.config["SECOND_FACTOR_ROLES"])
