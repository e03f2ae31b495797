"""Twilio's Messages resource: create, fetch and list, with its errors and its paging.

https://www.twilio.com/docs/messaging/api/message-resource
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from booking.demo.loopback_store import Store, Text, moment, new_sid
from booking.messaging.segments import measure_text

E164 = re.compile(r"\+[1-9]\d{6,14}")
MAX_BODY_LENGTH = 1600
PAGE_SIZE, LARGEST_PAGE = 50, 1000
API = "/2010-04-01/Accounts"

# The numbers of Twilio's test credentials, each refused in its own way.
# https://www.twilio.com/docs/iam/test-credentials
MAGIC = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
MESSAGES = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    21211: "The 'To' number is not a valid phone number.",
    21212: "The 'From' number is not a valid phone number, shortcode, or alphanumeric sender ID.",
    21408: "Permission to send an SMS has not been enabled for the region of the 'To' number.",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' phone number is not a valid, message-capable Twilio phone number.",
    21610: "Attempt to send to unsubscribed recipient",
    21612: "The 'To' phone number is not currently reachable using the 'From' phone number.",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit.",
}
STATUS = {20003: 401, 20404: 404, 20429: 429}


@dataclass(frozen=True, slots=True)
class Account:
    """Whose texts these are. `numbers` are those of its `service`; the first is the default."""

    sid: str
    auth_token: str
    numbers: tuple[str, ...]
    service: str = "MG" + "de30" * 8


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and the JSON that goes with it."""

    status: int
    body: dict[str, object]
    retry_after: str = ""  # a header: seconds or a date


class Refused(Exception):
    """The request is refused with one of Twilio's error codes."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.answer = error(code)


def error(code: int, status: int | None = None) -> Answer:
    """Return Twilio's answer for `code`, 400 unless it has a status of its own."""
    status = status or STATUS.get(code, 400)
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    message = MESSAGES.get(code, "An internal server error has occurred")
    return Answer(
        status,
        {"code": code, "message": message, "more_info": more_info, "status": status},
    )


def create(account: Account, store: Store, form: Mapping[str, str]) -> Text:
    """Return the text that `form` asks for, checked but not yet stored. Raises `Refused`."""
    recipient, body = form.get("To", ""), form.get("Body", "")
    service = form.get("MessagingServiceSid")
    sender = form.get("From", "") or (account.numbers[0] if service else "")
    _check_sender(account, sender)
    _check_recipient(store, recipient)
    if not body:
        raise Refused(21602)
    if len(body) > MAX_BODY_LENGTH:
        raise Refused(21617)
    now = moment()
    return Text(
        sid=new_sid("SM"),
        direction="outbound-api",
        sender=sender,
        to=recipient,
        body=body,
        status="queued",
        date_created=now,
        date_updated=now,
        status_callback=form.get("StatusCallback"),
        messaging_service_sid=service,
    )


def _check_sender(account: Account, sender: str) -> None:
    if not sender:
        raise Refused(21603)
    if not E164.fullmatch(sender):
        raise Refused(21212)
    if sender not in account.numbers:
        raise Refused(21606)


def _check_recipient(store: Store, recipient: str) -> None:
    if not recipient:
        raise Refused(21604)
    if not E164.fullmatch(recipient):
        raise Refused(21211)
    if recipient in MAGIC:
        raise Refused(MAGIC[recipient])
    if store.has_stopped(recipient):
        raise Refused(21610)


def fetch(account: Account, store: Store, sid: str) -> Answer:
    """Return one text as Twilio shows it."""
    text = store.text(sid)
    return Answer(200, shown(account, text)) if text else error(20404)


def listing(account: Account, store: Store, query: Mapping[str, str]) -> Answer:
    """Return a page of texts, the newest first, filtered by To, From and DateSent.

    The page after it begins behind the text that its address names, so that texts that come
    meanwhile neither repeat nor hide others.
    """
    size = min(max(int(query.get("PageSize", PAGE_SIZE)), 1), LARGEST_PAGE)
    texts = store.newest_first(lambda text: _wanted(text, query))
    sids, behind = [text.sid for text in texts], query.get("PageToken", "").removeprefix("PA")
    first = sids.index(behind) + 1 if behind in sids else 0
    page = texts[first : first + size]
    number = int(query.get("Page", 0))
    next_page = None
    if len(texts) > first + size:
        next_page = {"PageSize": size, "Page": number + 1, "PageToken": f"PA{page[-1].sid}"}
    body = {
        "messages": [shown(account, text) for text in page],
        "page": number,
        "page_size": size,
        "start": first,
        "end": max(first + len(page) - 1, 0),
    }
    return Answer(200, body | _page_addresses(account, query, size, next_page))


def _page_addresses(
    account: Account, query: Mapping[str, str], size: int, next_page: Mapping[str, object] | None
) -> dict[str, object]:
    """Return the addresses of this page, the first, and the one after it, if there is one."""
    address = f"{API}/{account.sid}/Messages.json"
    return {
        "uri": f"{address}?{urlencode(query)}",
        "first_page_uri": f"{address}?{urlencode({**query, 'PageSize': size, 'Page': 0})}",
        "next_page_uri": f"{address}?{urlencode({**query, **next_page})}" if next_page else None,
        "previous_page_uri": None,
    }


def _wanted(text: Text, query: Mapping[str, str]) -> bool:
    """Tell whether the filters let `text` through. A date filter leaves out what isn't sent yet."""
    if query.get("To", text.to) != text.to or query.get("From", text.sender) != text.sender:
        return False
    sent_at = text.date_sent
    day, since, until = (query.get(name) for name in ("DateSent", "DateSent>", "DateSent<"))
    if not (day or since or until):
        return True
    if sent_at is None:
        return False
    return not (
        (day and sent_at[:10] != day[:10])
        or (since and _bare(sent_at) < _bare(since))
        or (until and _bare(sent_at) > _bare(until))
    )


def _bare(date: str) -> datetime:
    """Return an ISO 8601 date, with a time or without, to the second; UTC unless it says."""
    parsed = datetime.fromisoformat(date)
    return parsed.replace(tzinfo=parsed.tzinfo or UTC, microsecond=0)


def shown(account: Account, text: Text) -> dict[str, object]:
    """Return a text as Twilio's Message resource; dates are RFC 2822, to the second."""
    address = f"{API}/{account.sid}/Messages/{text.sid}"
    return {
        "account_sid": account.sid,
        "api_version": "2010-04-01",
        "body": text.body,
        "date_created": _rfc2822(text.date_created),
        "date_sent": _rfc2822(text.date_sent) if text.date_sent else None,
        "date_updated": _rfc2822(text.date_updated),
        "direction": text.direction,
        "error_code": text.error_code,
        "error_message": None,
        "from": text.sender,
        "messaging_service_sid": text.messaging_service_sid,
        "num_media": "0",
        "num_segments": str(measure_text(text.body).segments),
        "price": None,
        "price_unit": "USD",
        "sid": text.sid,
        "status": text.status,
        "subresource_uris": {"media": f"{address}/Media.json"},
        "to": text.to,
        "uri": f"{address}.json",
    }


def _rfc2822(date: str) -> str:
    return format_datetime(datetime.fromisoformat(date))
