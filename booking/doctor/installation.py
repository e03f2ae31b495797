"""Settings that are allowed and yet wrong for a clinic, its data, and its backups."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from booking.clinic.discretion import is_telling
from booking.doctor.findings import Finding, fault, fine, warn
from booking.extensions import db
from booking.locations.models import Location
from booking.staff.models import Role
from booking.staff.operations import list_active_staff
from booking.storage.backing_up import PATTERN

BACKUP_AGE = timedelta(hours=26)  # once a day, and two hours to make it


def check_unwise_settings(settings: Mapping[str, Any], _now: datetime) -> Iterator[Finding]:
    """Say what is allowed, and not what a clinic wants."""
    problems = [*_problems(settings), *_find_telling(settings)]
    yield from problems or [fine("settings", "as a clinic wants them")]


def _find_telling(settings: Mapping[str, Any]) -> Iterator[Finding]:
    for name in ("PUBLIC_URL", "MAIL_FROM"):
        if is_telling(str(settings[name] or "")):
            yield warn(
                "settings",
                f"BOOKING_{name} tells what is treated, in every message",
                "let another name lead here that says nothing, like visits.example.com",
            )


def _problems(settings: Mapping[str, Any]) -> Iterator[Finding]:
    if settings["DEMO"]:
        yield warn("settings", "this is the demo", "unset BOOKING_DEMO for a clinic")
        return
    for name, loss in (("AUDIT_KEY", "seals"), ("FACTOR_KEY", "second factors")):
        if not settings[name]:
            yield warn(
                "settings",
                f"BOOKING_{name} is made of the secret key",
                f"set it before BOOKING_SECRET_KEY ever changes, or the {loss} are lost with that",
            )
    is_https = settings["PUBLIC_URL"].startswith("https://")
    if not is_https:
        yield fault(
            "settings", "BOOKING_PUBLIC_URL is http://", "put nginx with TLS in front (docs)"
        )
    if is_https and not settings["TRUSTED_PROXIES"]:
        yield fault(
            "settings",
            "BOOKING_TRUSTED_PROXIES is 0 behind https://: all patients have the proxy's address",
            "set it to the number of proxies in front, usually 1",
        )
    if not str(settings["LIMITS_STORAGE_URL"]) or settings["LIMITS_STORAGE_URL"] == "memory://":
        yield warn(
            "settings", "rate limits are not shared", "leave BOOKING_LIMITS_STORAGE_URL unset"
        )
    if not settings["METRICS_TOKEN"]:
        yield warn("settings", "nobody watches /metrics", "set BOOKING_METRICS_TOKEN")


def check_clinic(_settings: Mapping[str, Any], _now: datetime) -> Iterator[Finding]:
    """Say whether there is a clinic to book at, and somebody who sees to its people."""
    count = db.session.scalar(select(func.count()).select_from(Location).where(Location.active))
    if not count:
        yield fault("clinic", "there is no location", "flask clinic load clinic.toml")
    elif not any(person.role is Role.MANAGER for person in list_active_staff()):
        yield warn("clinic", "nobody is a manager", "flask staff invite EMAIL")
    else:
        yield fine("clinic", f"{count} location{'s' if count > 1 else ''}, and a manager")


def check_backups(settings: Mapping[str, Any], now: datetime) -> Iterator[Finding]:
    """Say how old the newest backup in BACKUP_FOLDER is, and whether another can be made."""
    folder = str(settings["BACKUP_FOLDER"])
    if not folder:
        yield warn("backups", "nobody knows of any", "set BOOKING_BACKUP_FOLDER to where they are")
        return
    if not settings["BACKUP_KEY"]:
        yield warn(
            "backups",
            "BOOKING_BACKUP_KEY is not set: none can be made here",
            "flask backup --new-key prints one; set it, and keep it elsewhere too",
        )
    try:
        files = [entry.stat() for entry in Path(folder).iterdir() if entry.match(PATTERN)]
    except OSError as error:
        yield fault(
            "backups", f"the folder can't be read: {error.strerror}", "let this user read it"
        )
        return
    newest = max((file.st_mtime for file in files if file.st_size), default=None)
    if newest is None:
        yield fault("backups", "there is none", "flask backup")
        return
    age = now - datetime.fromtimestamp(newest, UTC)
    text = f"the newest is {age // timedelta(hours=1)} hours old"
    if age > BACKUP_AGE:
        yield fault("backups", text, "see why last night's is missing")
    else:
        yield fine("backups", text)
