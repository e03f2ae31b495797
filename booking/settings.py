"""Settings as they must be before the service starts: each refusal names its variable and says why."""

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from booking.db.engines import DATABASES
from booking.languages import LANGUAGES
from booking.messaging.providers.mail_server import MailServer, SmtpUrlError
from booking.messaging.senders import CONSOLE
from booking.patients.contacts import parse_text_countries
from booking.staff.models import Role
from booking.staff.rules import parse_words

WHOLE_ADDRESS = "write it as https://visits.example.com"
ALWAYS_TEXT = (
    *("SECRET_KEY", "AUDIT_KEY", "FACTOR_KEY", "METRICS_TOKEN"),
    *("TWILIO_AUTH_TOKEN", "TWILIO_FROM", "BACKUP_KEY"),
)
SHORTEST_TOKEN = 20  # characters; nobody guesses one of so many
HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)


class SettingsError(RuntimeError):
    """Settings are missing or can't be right; the message has a line for each, which names it."""


def check_settings(settings: MutableMapping[str, Any]) -> None:
    """Refuse settings that can't be right (`SettingsError`); write the others as the code reads them."""
    for key in ALWAYS_TEXT:
        settings[key] = str(settings[key])  # digits only would have been read as a number
    if problems := list(_problems(settings)):
        raise SettingsError("\n".join(problems))
    settings["PUBLIC_URL"] = _public_url(settings)
    settings["SHARED_ADDRESSES"] = _networks(settings)


def _problems(settings: Mapping[str, Any]) -> Iterator[str]:
    """Return a line for each setting that can't be right: all of them are mended at once."""
    for check in CHECKS:
        try:
            check(settings)
        except SettingsError as error:
            yield str(error)


def _check_secret(settings: Mapping[str, Any]) -> None:
    if not settings["SECRET_KEY"]:
        raise SettingsError("BOOKING_SECRET_KEY is not set: give it 32 random bytes or more")


def _check_metrics_token(settings: Mapping[str, Any]) -> None:
    if 0 < len(settings["METRICS_TOKEN"]) < SHORTEST_TOKEN:
        raise SettingsError(
            f"BOOKING_METRICS_TOKEN is guessed easily: give it {SHORTEST_TOKEN} random characters or more"
        )


def _check_language(settings: Mapping[str, Any]) -> None:
    if settings["DEFAULT_LANGUAGE"] not in LANGUAGES:
        raise SettingsError(f"BOOKING_DEFAULT_LANGUAGE is none of {', '.join(LANGUAGES)}")


def _check_flag(name: str, settings: Mapping[str, Any]) -> None:
    if not isinstance(settings[name], bool):
        raise SettingsError(f"BOOKING_{name} is {settings[name]!r}: write true or false")


def _check_count(
    name: str, least: int, settings: Mapping[str, Any], most: int | None = None
) -> None:
    count = settings[name]
    is_count = isinstance(count, int) and not isinstance(count, bool)
    if not is_count or count < least or (most is not None and count > most):
        limits = f"{least} up" if most is None else f"{least} to {most}"
        raise SettingsError(f"BOOKING_{name} is {count!r}: write a number from {limits}")


def _check_roles(settings: Mapping[str, Any]) -> None:
    roles = {role.value for role in Role}
    if unknown := set(parse_words(str(settings["SECOND_FACTOR_ROLES"]))) - roles:
        raise SettingsError(
            f"BOOKING_SECOND_FACTOR_ROLES has {', '.join(sorted(unknown))}: write any of "
            f"{', '.join(sorted(roles))}, with commas"
        )


def _check_countries(settings: Mapping[str, Any]) -> None:
    try:
        parse_text_countries(str(settings["TEXT_COUNTRIES"]))
    except ValueError as error:
        raise SettingsError(f"BOOKING_TEXT_COUNTRIES: {error}") from error


def _networks(settings: Mapping[str, Any]) -> str:
    """Return a list of addresses and networks, with commas; refuse what is none."""
    parts = [part.strip() for part in str(settings["SHARED_ADDRESSES"]).split(",") if part.strip()]
    for part in parts:
        try:
            ip_network(part)
        except ValueError as error:
            raise SettingsError(f"BOOKING_SHARED_ADDRESSES: {error}") from error
    return ",".join(parts)


def _check_database(settings: Mapping[str, Any]) -> None:
    try:
        backend = make_url(str(settings["DATABASE_URL"])).get_backend_name()
    except ArgumentError as error:  # whose words may repeat the password
        raise SettingsError("BOOKING_DATABASE_URL can't be read as an address") from error
    if backend not in DATABASES:
        raise SettingsError("BOOKING_DATABASE_URL begins with postgresql:// or sqlite:///")


def _check_replica(settings: Mapping[str, Any]) -> None:
    if not settings["REPLICA_URL"]:
        return
    try:
        backends = {
            make_url(str(settings[name])).get_backend_name()
            for name in ("REPLICA_URL", "DATABASE_URL")
        }
    except ArgumentError as error:
        raise SettingsError("BOOKING_REPLICA_URL can't be read as an address") from error
    if backends != {"postgresql"}:
        raise SettingsError("BOOKING_REPLICA_URL is of a PostgreSQL beside a PostgreSQL: both are")


def _public_url(settings: Mapping[str, Any]) -> str:
    """Return the address without a last slash; only scheme, host and port may be in it.

    Links in messages, cookies and Twilio's signatures are made for the root of a host.
    """
    address = str(settings["PUBLIC_URL"]).strip()
    parts = _split(address)
    if parts.path.strip("/") or parts.query or parts.fragment or "?" in address or "#" in address:
        raise SettingsError(
            "BOOKING_PUBLIC_URL has something behind the host: the service lives at the root of a "
            f"host name of its own; {WHOLE_ADDRESS}"
        )
    has_secure_cookies = settings["SECURE_COOKIES"] is True
    if has_secure_cookies and parts.scheme == "http" and not _is_this_machine(parts.hostname or ""):
        raise SettingsError(
            "BOOKING_PUBLIC_URL is http://, where no browser sends the cookies that "
            "BOOKING_SECURE_COOKIES=true makes: set https://, or false where nobody is served"
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _split(address: str) -> SplitResult:
    refusal = SettingsError(
        "BOOKING_PUBLIC_URL is not the address of a web site: a scheme, a host, perhaps a port, "
        f"and no user; {WHOLE_ADDRESS}"
    )
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise refusal from error
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or port == 0:
        raise refusal
    if parts.netloc.endswith(":") or not _is_host(parts.hostname or ""):
        raise refusal
    return parts


def _is_host(name: str) -> bool:
    return bool(HOST_NAME.fullmatch(name)) or (":" in name and _is_address(name))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_this_machine(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _check_loopback(settings: Mapping[str, Any]) -> None:
    if settings["CALENDAR_LOOPBACK"] is not True:
        return
    if not _is_this_machine(_split(str(settings["PUBLIC_URL"]).strip()).hostname or ""):
        raise SettingsError(
            "BOOKING_CALENDAR_LOOPBACK lets staff have this machine ask itself: leave it false where "
            "BOOKING_PUBLIC_URL is not this machine"
        )


def _check_mail(settings: Mapping[str, Any]) -> None:
    address = str(settings["SMTP_URL"])
    if not address or address == CONSOLE:
        return
    try:
        MailServer.from_url(address)
    except SmtpUrlError as error:
        raise SettingsError(f"BOOKING_SMTP_URL: {error}") from error
    if "@" not in str(settings["MAIL_FROM"]):
        raise SettingsError("BOOKING_MAIL_FROM is needed with BOOKING_SMTP_URL: an e-mail address")


CHECKS: tuple[Callable[[Mapping[str, Any]], object], ...] = (
    _check_secret,
    _check_metrics_token,
    _check_language,
    partial(_check_flag, "SECURE_COOKIES"),
    partial(_check_flag, "DEMO"),
    partial(_check_flag, "CALENDAR_LOOPBACK"),
    partial(_check_count, "RETAIN_RECORD_YEARS", 0, most=100),
    partial(_check_count, "RETAIN_MESSAGE_YEARS", 0, most=100),
    partial(_check_count, "RETAIN_DRAFT_YEARS", 0, most=100),
    partial(_check_count, "CALENDAR_READ_MINUTES", 5, most=1440),
    partial(_check_count, "TRUSTED_PROXIES", 0),
    partial(_check_count, "STAFF_IDLE_MINUTES", 1),
    partial(_check_count, "SCHEDULER_SECONDS", 1),
    partial(_check_count, "MOST_ON_ONE_CONTACT", 1),
    partial(_check_count, "MOST_CALLS_AN_HOUR", 1),
    partial(_check_count, "CRISIS_ESCALATE_MINUTES", 1, most=120),
    partial(_check_count, "NOTICE_DELAY_MINUTES", 0, most=60),
    partial(_check_count, "WAITLIST_HOLD_MINUTES", 5, most=240),
    partial(_check_count, "OUTAGE_PLAN_SECONDS", 1, most=600),
    partial(_check_count, "READINESS_HOUR", 12, most=20),
    partial(_check_count, "CHECK_MINUTES", 1, most=120),
    partial(_check_count, "RECOVERY_CHECK_MINUTES", 1, most=120),
    _check_loopback,
    _check_roles,
    _check_database,
    _check_replica,
    _public_url,
    _check_mail,
    _networks,
    _check_countries,
)
