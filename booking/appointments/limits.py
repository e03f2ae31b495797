"""How much strangers may take, and when patients are asked, as a clinic sets it (docs/settings.md)."""

from datetime import time, timedelta

from flask import current_app


def max_appointments_per_contact() -> int:
    """Return how many coming consultations all who share a phone or an e-mail address may have."""
    return int(current_app.config["MOST_ON_ONE_CONTACT"])


def max_calls_per_hour() -> int:
    """Return how many calls may be asked of one location online."""
    return int(current_app.config["MOST_CALLS_AN_HOUR"])


def readiness_time() -> time:
    """Return from what time of the evening before, at the location, patients are asked if they are ready."""
    return time(current_app.config["READINESS_HOUR"])


def check_minutes() -> tuple[int, int]:
    """Return how many minutes go by from one check of a patient to the next: at the infusion, in recovery."""
    config = current_app.config
    return int(config["CHECK_MINUTES"]), int(config["RECOVERY_CHECK_MINUTES"])


def notice_delay() -> timedelta:
    """Return how long a move or cancellation made at the desk waits before its patient is told."""
    return timedelta(minutes=current_app.config["NOTICE_DELAY_MINUTES"])
