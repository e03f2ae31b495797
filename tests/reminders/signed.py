"""Requests as Twilio makes them: its own library signs them over our public address."""

from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

TOKEN = "the clinic's auth token"
PUBLIC = "https://visits.example.com"
INBOUND, STATUS = "/hooks/twilio/inbound", "/hooks/twilio/status"
OURS = "+16025550100"


def signature(path: str, form: dict[str, str], *, token: str = TOKEN, at: str = PUBLIC) -> str:
    """Return Twilio's signature of a form that is posted to `path` below the address `at`."""
    made: str = RequestValidator(token).compute_signature(at + path, form)
    return made


def post(
    client: FlaskClient, path: str, form: dict[str, str], signed: str | None = None
) -> TestResponse:
    """Post a form, under the right signature unless another is given."""
    proof = signature(path, form) if signed is None else signed
    headers = {"X-Twilio-Signature": proof} if proof else {}
    return client.post(path, data=form, headers=headers)


def report(status: str, sid: str = "SM0", code: str = "") -> dict[str, str]:
    """Return the form of a status callback."""
    form = {"MessageSid": sid, "MessageStatus": status, "From": OURS}
    return {**form, "ErrorCode": code} if code else form


def text_from(sender: str, body: str, sid: str = "IN1") -> dict[str, str]:
    """Return the form in which Twilio hands a text on."""
    return {"MessageSid": sid, "From": sender, "To": OURS, "Body": body, "NumMedia": "0"}
