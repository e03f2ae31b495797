"""The address that patients and Twilio open, asked from here as they would ask it."""

import ssl
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from booking.doctor.findings import Finding, fault, fine, warn

TIMEOUT = 10  # seconds
CERTIFICATE_LEFT = timedelta(days=14)  # Let's Encrypt renews 30 days before the end
STATUS_PATH = "/hooks/twilio/status"


def check_public_address(settings: Mapping[str, Any], now: datetime) -> Iterator[Finding]:
    """Open PUBLIC_URL: its certificate, our answer behind it, and that webhooks reach us unchanged."""
    try:
        problems = list(_problems(settings["PUBLIC_URL"], now))
    except ssl.SSLCertVerificationError as error:
        yield fault(
            "address", f"certificate: {error.verify_message}", "renew it, whole chain in nginx"
        )
    except (OSError, HTTPException) as error:
        yield fault(
            "address",
            f"{settings['PUBLIC_URL']}: {type(error).__name__}",
            "see nginx and the name's DNS entry; from this host it must be reachable, too",
        )
    else:
        yield from problems or [fine("address", f"{settings['PUBLIC_URL']} answers")]


def _problems(url: str, now: datetime) -> Iterator[Finding]:
    parts = urlsplit(url)
    is_https = parts.scheme == "https"
    connection = (HTTPSConnection if is_https else HTTPConnection)(parts.netloc, timeout=TIMEOUT)
    connection.connect()
    try:
        if isinstance(connection.sock, ssl.SSLSocket):
            yield from _certificate_problems(connection.sock, now)
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        if answer.status != 200 or b'"ok"' not in answer.read():
            yield fault("address", "something else answers there", "see server_name in nginx")
            return
        if is_https and not answer.headers["Strict-Transport-Security"]:
            yield fault(
                "address",
                "the web isn't told that the visitor came by HTTPS",
                "BOOKING_TRUSTED_PROXIES, and X-Forwarded-Proto in nginx",
            )
        connection.request("POST", STATUS_PATH, body=b"")
        refusal = connection.getresponse()
        refusal.read()
        if refusal.status != 403:  # unsigned
            yield fault(
                "address", f"webhooks get {refusal.status}", f"let POST {STATUS_PATH} through"
            )
    finally:
        connection.close()


def _certificate_problems(connected: ssl.SSLSocket, now: datetime) -> Iterator[Finding]:
    certificate = connected.getpeercert() or {}
    ends_at = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    left = timedelta(seconds=ends_at - now.timestamp())
    if left < CERTIFICATE_LEFT:
        yield warn(
            "address", f"its certificate ends in {left.days} days", "see why it isn't renewed"
        )
