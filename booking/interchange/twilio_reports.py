"""What Twilio reports of texts, and texts to us: what carries its signature over our public address."""

from flask import Blueprint, Response, abort, current_app, request

from booking import clock
from booking.access import Access, access
from booking.extensions import csrf
from booking.messaging import inbound as messaging_inbound
from booking.messaging.providers.twilio_signatures import is_valid_signature
from booking.numbers import parse_number
from booking.reminders import inbound

blueprint = Blueprint("webhooks", __name__, url_prefix="/hooks/twilio")
csrf.exempt(blueprint)  # the signature proves who calls
MAX_MEDIA = 10  # that Twilio takes in one message
NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@blueprint.before_request
def require_signature() -> None:
    """Refuse a request that Twilio did not sign, and one that is no form: Twilio sends nothing else here."""
    is_form = request.mimetype == "application/x-www-form-urlencoded"
    signed = is_valid_signature(
        str(current_app.config["TWILIO_AUTH_TOKEN"]),
        current_app.config["PUBLIC_URL"],
        request.full_path.rstrip("?"),
        request.form if is_form else request.get_data().decode(errors="replace"),
        dict(request.headers),
    )
    if not signed:
        abort(403)
    if not is_form:
        abort(415)


def _read(name: str) -> str:
    """Return a field without NUL, which no column takes: a text that has one is recorded all the same."""
    return request.form.get(name, "").replace("\0", "")


@blueprint.post("/status")
@access(Access.SIGNED)
def receive_status() -> tuple[str, int]:
    """Record how one of our messages fares. Reports repeat and come out of order."""
    number = parse_number(request.args.get("message", ""))
    if number is None:
        abort(404)
    messaging_inbound.record_status(
        number,
        _read("MessageSid"),
        _read("MessageStatus"),
        _read("ErrorCode") or None,
        clock.now(),
        recipient=_read("To"),
    )
    return "", 204


@blueprint.post("/inbound")
@access(Access.SIGNED)
def receive_text() -> Response:
    """Take a text that someone sent us; the answer goes out as a message of its own."""
    sid, sender = _read("MessageSid"), _read("From")
    if not sid or not sender:
        abort(400)
    media_count = min(parse_number(_read("NumMedia")) or 0, MAX_MEDIA)
    inbound.receive_reply(sid, sender, _read("To"), _read("Body"), clock.now(), media_count)
    return Response(NOTHING, mimetype="text/xml")
