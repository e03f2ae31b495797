"""What Twilio says of an account, its numbers and its messaging service: asked by `flask doctor`.

https://www.twilio.com/docs/messaging/api/service-resource
"""

from collections.abc import Mapping

from booking.demo.loopback_api import Account, Answer, Refused
from booking.demo.loopback_store import new_sid


def describe_account(account: Account) -> Answer:
    """Return the account as Twilio shows it: paid for, and in use."""
    return Answer(200, {"sid": account.sid, "status": "active", "type": "Full"})


def list_numbers(account: Account, query: Mapping[str, str], webhook: str) -> Answer:
    """Return the account's numbers like the one asked for, and where each one's texts go."""
    numbers = [
        {"phone_number": number, "sms_url": webhook, "sms_method": "POST"}
        for number in account.numbers
        if number == query.get("PhoneNumber", number)
    ]
    return Answer(200, {"incoming_phone_numbers": numbers, "page": 0, "next_page_uri": None})


def describe_service(account: Account, path: str, webhook: str) -> Answer:
    """Return the account's messaging service, or its sender pool, by the path below /v1/Services/."""
    if path == f"{account.service}/PhoneNumbers":
        pool = [{"sid": new_sid("PN"), "phone_number": number} for number in account.numbers]
        return Answer(200, {"phone_numbers": pool, "meta": {"key": "phone_numbers"}})
    if path != account.service:
        raise Refused(20404)
    return Answer(
        200,
        {
            "sid": account.service,
            "inbound_request_url": webhook,
            "inbound_method": "POST",
            "use_inbound_webhook_on_number": False,
        },
    )
