"""Twilio and the mail server: whether they know us, and send on to us what patients write."""

import smtplib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from booking import clock
from booking.doctor.findings import Finding, fault, fine, warn
from booking.messaging.providers.smtp import SmtpSender
from booking.messaging.providers.twilio import is_service
from booking.messaging.providers.twilio_account import (
    INBOUND_PATH,
    AccountUnreachable,
    AccountUnreadable,
    TwilioAccount,
    TwilioNumber,
    TwilioService,
    fetch_account,
)
from booking.messaging.senders import CONSOLE, SendFailed

CLOCKS_APART = timedelta(seconds=5)  # Twilio's is to the second, and its answer takes a while


def check_texts(settings: Mapping[str, Any], _now: datetime) -> Iterator[Finding]:
    """Ask Twilio about our account and sender, and where it sends on what patients write."""
    if settings["TWILIO_ACCOUNT_SID"] in ("", CONSOLE):
        yield warn(
            "texts", "none are sent", "set BOOKING_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and _FROM"
        )
        return
    try:
        account = fetch_account(settings)
    except AccountUnreachable as error:
        address = settings["TWILIO_BASE_URL"]
        yield fault("texts", f"Twilio: {error}", f"let this host reach {address}; see the firewall")
        return
    except AccountUnreadable as error:
        yield fault("texts", f"Twilio: {error}", "see BOOKING_TWILIO_ACCOUNT_SID and _AUTH_TOKEN")
        return
    problems = [*_account_problems(account), *_sender_problems(account, settings)]
    yield from problems or [fine("texts", "Twilio knows us, and sends on what patients write")]


def _account_problems(account: TwilioAccount) -> Iterator[Finding]:
    if account.status != "active":
        yield fault("texts", f"the account is {account.status}", "see Twilio's console: a bill?")
    if account.kind == "Trial":
        yield fault("texts", "a trial account texts numbers you verified alone", "upgrade it")
    if account.clock and abs(clock.now() - account.clock) > CLOCKS_APART:
        yield fault("clocks", "this host has another time than Twilio", "run chrony or ntpd")


def _sender_problems(account: TwilioAccount, settings: Mapping[str, Any]) -> Iterator[Finding]:
    address, sender = settings["PUBLIC_URL"] + INBOUND_PATH, settings["TWILIO_FROM"]
    if account.service is not None and not account.service.numbers:
        yield fault("texts", "the messaging service has no number", "add one to its sender pool")
    elif not account.numbers:
        kind = "messaging service" if is_service(sender) else "number"
        yield fault("texts", f"BOOKING_TWILIO_FROM is no {kind} of the account", "buy or name one")
    elif account.service is not None and account.service.inbound_url:
        yield from _inbound_problems("the messaging service", account.service, address)
    else:
        for number, resource in account.numbers.items():
            yield from _inbound_problems(number, resource, address)


def _inbound_problems(
    name: str, sender: TwilioNumber | TwilioService, address: str
) -> Iterator[Finding]:
    if (sender.inbound_url, sender.inbound_method) != (address, "POST"):
        yield fault(
            "texts",
            f"what patients write to {name} (STOP, a crisis) does not reach us",
            f"at Twilio let its messages go to {address}#rc=5&rp=all by POST",
        )


def check_mail(settings: Mapping[str, Any], _now: datetime) -> Iterator[Finding]:
    """Sign in to the mail server, and send nothing."""
    if settings["SMTP_URL"] in ("", CONSOLE):
        yield warn("e-mail", "none is sent", "set BOOKING_SMTP_URL and BOOKING_MAIL_FROM")
        return
    try:
        SmtpSender(settings["SMTP_URL"], settings["MAIL_FROM"]).sign_in()
    except (SendFailed, OSError, smtplib.SMTPException) as error:
        yield fault("e-mail", f"no sign-in: {error}", "see BOOKING_SMTP_URL, and its certificate")
    else:
        yield fine("e-mail", "the mail server lets us in")
