"""Twilio and the mail server: whether they know us, and send on to us what patients write."""

import smtplib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from booking import clock
from booking.doctor.findings import Finding, fault, fine, warn
from booking.messaging.providers.smtp import SmtpSender
from booking.messaging.providers.twilio_account import (
    INBOUND_PATH,
    AccountUnreadable,
    TwilioAccount,
    read_account,
)
from booking.messaging.senders import CONSOLE, SendFailed

CLOCKS_APART = timedelta(seconds=5)  # Twilio's is to the second, and its answer takes a while


def check_texts(settings: Mapping[str, Any], _now: datetime) -> Iterator[Finding]:
    """Ask Twilio about our account, our number, and where it sends on what patients write."""
    if settings["TWILIO_ACCOUNT_SID"] in ("", CONSOLE):
        yield warn(
            "texts", "none are sent", "set BOOKING_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and _FROM"
        )
        return
    try:
        account = read_account(settings)
    except AccountUnreadable as error:
        yield fault("texts", f"Twilio: {error}", "see BOOKING_TWILIO_ACCOUNT_SID and _AUTH_TOKEN")
        return
    problems = [*_account_problems(account), *_number_problems(account, settings)]
    yield from problems or [fine("texts", "Twilio knows us, and sends on what patients write")]


def _account_problems(account: TwilioAccount) -> Iterator[Finding]:
    if account.status != "active":
        yield fault("texts", f"the account is {account.status}", "see Twilio's console: a bill?")
    if account.kind == "Trial":
        yield fault("texts", "a trial account texts numbers you verified alone", "upgrade it")
    if account.clock and abs(clock.now() - account.clock) > CLOCKS_APART:
        yield fault("clocks", "this host has another time than Twilio", "run chrony or ntpd")


def _number_problems(account: TwilioAccount, settings: Mapping[str, Any]) -> Iterator[Finding]:
    address = settings["PUBLIC_URL"] + INBOUND_PATH
    if settings["TWILIO_FROM"].startswith("MG"):
        yield warn(
            "texts",
            "where a messaging service sends on what patients write is not looked at",
            f"see that its incoming messages go to {address}#rc=5&rp=all",
        )
    elif account.number is None:
        yield fault("texts", "BOOKING_TWILIO_FROM is no number of the account", "buy or name one")
    elif (account.number.inbound_url, account.number.inbound_method) != (address, "POST"):
        yield fault(
            "texts",
            "what patients write (STOP, a crisis) does not reach us",
            f"at Twilio let the number's messages go to {address}#rc=5&rp=all by POST",
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
