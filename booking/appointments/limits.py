"""How much strangers may take, as far as a clinic sets it (docs/settings.md)."""

from flask import current_app


def max_appointments_per_contact() -> int:
    """Return how many coming consultations all who share a phone or an e-mail address may have."""
    return int(current_app.config["MOST_ON_ONE_CONTACT"])


def max_calls_per_hour() -> int:
    """Return how many calls may be asked of one location online."""
    return int(current_app.config["MOST_CALLS_AN_HOUR"])
