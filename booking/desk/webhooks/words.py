"""What becomes of webhooks, in words."""

from flask_babel import gettext as _

from booking.desk.blueprint import blueprint
from booking.public_addresses import AddressFault
from booking.webhooks.models import WebhookDelivery, WebhookEndpoint
from booking.webhooks.rules import DeliveryStatus, EventKind, StopReason


def format_event(kind: EventKind) -> str:
    """Return what an endpoint is told of."""
    words: dict[EventKind, str] = {
        EventKind.BOOKED: _("A visit is booked"),
        EventKind.MOVED: _("A visit is moved"),
        EventKind.CANCELLED: _("A visit is cancelled"),
        EventKind.ARRIVED: _("A patient has arrived"),
        EventKind.FULFILLED: _("A visit took place"),
        EventKind.NOSHOW: _("A patient did not come"),
        EventKind.TEST: _("A test"),
    }
    return words[kind]


def format_delivery(delivery: WebhookDelivery) -> str:
    """Return where a delivery stands, and what was answered last."""
    words: dict[DeliveryStatus, str] = {
        DeliveryStatus.PLANNED: _("Waits to be sent"),
        DeliveryStatus.SENDING: _("Is being sent"),
        DeliveryStatus.DELIVERED: _("Delivered"),
        DeliveryStatus.FAILED: _("Given up"),
        DeliveryStatus.DROPPED: _("Dropped"),
    }
    return ", ".join(filter(None, (words[delivery.status], _explain_last_try(delivery))))


def _explain_last_try(delivery: WebhookDelivery) -> str:
    if delivery.status_code is not None:
        return str(_("answered %(status)s", status=delivery.status_code))
    return _explain_failure(delivery.error_code) if delivery.error_code else ""


def _explain_failure(code: str) -> str:
    words = {
        "unknown host": _("there is no such host"),
        "not public": _("its host is not one of the internet"),
        "not reached": _("not reached"),
        "no certificate": _("its certificate is not valid"),
        "too slow": _("no answer in time"),
        "broken off": _("the connection broke"),
        "bad address": _("its address is not allowed"),
    }
    return str(words.get(code, code))


def format_endpoint_state(endpoint: WebhookEndpoint) -> str:
    """Return whether an endpoint is told, and if not, why."""
    if endpoint.stopped_at is None:
        return str(_("Failing") if endpoint.failing_since else _("Told"))
    words: dict[StopReason, str] = {
        StopReason.BY_HAND: _("Stopped by hand"),
        StopReason.FAILING: _("Stopped: it has failed for days"),
        StopReason.GONE: _("Stopped: it answered that it is gone"),
    }
    return words[endpoint.stop_reason or StopReason.BY_HAND]


def explain_address(fault: AddressFault) -> str:
    """Return why nothing is sent to an address, and what to do."""
    words: dict[AddressFault, str] = {
        AddressFault.NOT_HTTPS: _("Type an address that begins with https://."),
        AddressFault.NO_ADDRESS: _("This is no address. Copy the whole of it."),
        AddressFault.HAS_PASSWORD: _("Type an address without a user and password before the “@”."),
        AddressFault.NOT_PUBLIC: _("This server is not on the internet, and others are not told."),
        AddressFault.TOO_LONG: _("This address is too long: at most 500 characters."),
    }
    return words[fault]


for filter_function in (format_event, format_delivery, format_endpoint_state):
    blueprint.add_app_template_filter(filter_function)
