"""The demo's e-mail: it goes to the loopback provider, which shows it beside the texts."""

import json
from datetime import datetime, timedelta
from typing import Any

from booking.demo.loopback_control import MAIL_PATH
from booking.messaging.providers.composing import message_id
from booking.messaging.providers.twilio_http import (
    ConnectionFailed,
    KeptAliveHttpClient,
    ResponseLost,
)
from booking.messaging.senders import DeliveryUnknown, OutgoingMessage, SendFailed, SendReceipt

CLOCK_TOLERANCE = timedelta(seconds=1)


class OutboxMailSender:
    """Hands e-mail to the loopback provider at `url`, which can be asked what it has."""

    def __init__(self, url: str, mail_from: str) -> None:
        self.url = url.rstrip("/") + MAIL_PATH
        self.mail_from = mail_from
        self.http = KeptAliveHttpClient()

    def send(self, message: OutgoingMessage) -> SendReceipt:
        """Hand `message` over."""
        form = {
            "from": self.mail_from,
            "to": message.recipient,
            "subject": message.subject,
            "body": message.body,
            "message_id": message_id(message.id, self.mail_from),
        }
        if message.attachment is not None:
            form["attachment"] = message.attachment
            form["attachment_type"] = message.attachment_type or "text/plain"
        return SendReceipt(str(self._asked("POST", data=form)["id"]))

    def list_accepted(self, message: OutgoingMessage, since: datetime) -> list[str]:
        """Return what the provider has under our Message-ID."""
        number = message_id(message.id, self.mail_from)
        query = {"message_id": number, "since": (since - CLOCK_TOLERANCE).isoformat()}
        try:
            return [str(mail_id) for mail_id in self._asked("GET", params=query)["ids"]]
        except SendFailed as failure:
            raise DeliveryUnknown(failure.code) from failure

    def _asked(self, method: str, **request: Any) -> dict[str, Any]:
        try:
            response = self.http.request(method, self.url, **request)
        except ConnectionFailed as error:
            raise SendFailed(False, str(error)) from error
        except ResponseLost as error:
            raise DeliveryUnknown(str(error)) from error
        if response.status_code >= 500:
            raise DeliveryUnknown(str(response.status_code))
        if response.status_code >= 400:
            raise SendFailed(response.status_code != 429, str(response.status_code))
        data: dict[str, Any] = json.loads(response.text)
        return data
