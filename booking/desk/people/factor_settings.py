"""What the settings say of second factors."""

from flask import current_app

from booking.staff.models import Role
from booking.staff.rules import parse_words
from booking.staff.secret_box import SecretBox


def secret_box() -> SecretBox:
    """Return what the app's secrets are encrypted with."""
    config = current_app.config
    return SecretBox.from_settings(config["FACTOR_KEY"], config["SECRET_KEY"])


def takes_second_factor(role: Role) -> bool:
    """Tell whether this role signs in with a second factor, or sets one up first."""
    return role.value in parse_words(current_app.config["SECOND_FACTOR_ROLES"])
