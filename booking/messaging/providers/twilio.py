"""Texts through Twilio's API, with Twilio's own client."""

from datetime import datetime, timedelta

from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.rest import Client

from booking import clock
from booking.messaging.provider_rules import ErrorClass, classify_error, parse_retry_after
from booking.messaging.providers.twilio_http import (
    TIMEOUT,
    ConnectionFailed,
    KeptAliveHttpClient,
    ResponseLost,
)
from booking.messaging.senders import (
    DeliveryReport,
    DeliveryUnknown,
    OutgoingMessage,
    SendFailed,
    SendReceipt,
)

STATUS_PATH = "/hooks/twilio/status"
CLOCKS_APART = timedelta(minutes=5)  # between Twilio's clock, in whole seconds, and ours
NEWEST = 200  # texts to one number that are looked through; newest first


def is_service(sender: str) -> bool:
    """Tell whether a sender is a messaging service, which picks one of its numbers, and no number."""
    return sender.startswith("MG")


class TwilioSender:
    """Sends texts from one number (or messaging service, MG…). Safe between threads."""

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        sender: str,
        base_url: str,
        public_url: str,
        timeout: float = TIMEOUT,
    ) -> None:
        self.number = None if is_service(sender) else sender
        self.origin = {"messaging_service_sid" if is_service(sender) else "from_": sender}
        self.public_url = public_url.rstrip("/")
        self.http = KeptAliveHttpClient(timeout)
        self.client = Client(account_sid, auth_token, http_client=self.http)
        self.client.api.base_url = base_url

    def send(self, message: OutgoingMessage) -> SendReceipt:
        """Ask Twilio to send `message`, and to report on it under our id."""
        try:
            created = self.client.messages.create(
                to=message.recipient,
                body=message.body,
                **self.origin,
                status_callback=f"{self.public_url}{STATUS_PATH}?message={message.id}",
            )
        except ConnectionFailed as error:
            raise SendFailed(False, str(error)) from error
        except (TwilioRestException, TwilioServiceException) as error:
            retry_after = parse_retry_after(self.http.retry_after, clock.now())
            raise _refusal(error, retry_after) from error
        except (ResponseLost, TwilioException, ValueError) as error:
            raise DeliveryUnknown(type(error).__name__) from error
        if not created.sid:
            raise DeliveryUnknown("no sid")
        return SendReceipt(created.sid)

    def list_accepted(self, message: OutgoingMessage, since: datetime) -> list[str]:
        """Return what Twilio has with this recipient and body, oldest first.

        Twilio's own date filter is by `date_sent`, which a queued text lacks: dates are compared
        here.
        """
        try:
            texts = self.client.messages.list(to=message.recipient, limit=NEWEST)
        except (ConnectionFailed, ResponseLost, TwilioException, ValueError) as error:
            raise DeliveryUnknown(type(error).__name__) from error
        earliest = since - CLOCKS_APART
        like = [
            text
            for text in texts
            if self.number in (None, text.from_)
            and (text.body or "").strip() == message.body.strip()
            and text.date_created >= earliest
        ]
        return [text.sid for text in sorted(like, key=lambda text: text.date_created)]

    def read_status(self, provider_id: str) -> DeliveryReport:
        """Return how a text fares, as Twilio would report it."""
        try:
            text = self.client.messages(provider_id).fetch()
        except (ConnectionFailed, ResponseLost, TwilioException, ValueError) as error:
            raise DeliveryUnknown(type(error).__name__) from error
        code = text.error_code
        return DeliveryReport(str(text.status), None if code is None else str(code))


def _refusal(
    error: TwilioRestException | TwilioServiceException, retry_after: timedelta | None
) -> SendFailed | DeliveryUnknown:
    code = str(error.code)
    error_class = classify_error(error.status, code)
    if error_class is ErrorClass.AMBIGUOUS:
        return DeliveryUnknown(code, retry_after)
    return SendFailed(error_class is ErrorClass.PERMANENT, code, retry_after)
