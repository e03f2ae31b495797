"""Where other programs are told of appointments: set up, stopped, and sent again by hand."""

from collections.abc import Callable, Sequence

from flask import abort, current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import require_row_version
from booking.desk.people.showing import home_zone
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.desk.webhooks.words import explain_address
from booking.public_addresses import BadAddress
from booking.webhooks import operations, queries
from booking.webhooks.models import WebhookDelivery, WebhookEndpoint
from booking.webhooks.rules import SUBSCRIBED_KINDS, EventKind
from booking.webhooks.signing import derive_secret

Page = tuple[str, int]


@blueprint.get("/webhooks")
@access(Access.MANAGER, confirmed=True)
def list_webhooks() -> str:
    """List the endpoints, with a form for another."""
    return _list_page()


@blueprint.post("/webhooks")
@access(Access.MANAGER, confirmed=True)
def create_webhook() -> AnyResponse | Page:
    """Subscribe an address to the chosen kinds of events."""
    url = request.form.get("url", "").strip()
    kinds = [kind for kind in SUBSCRIBED_KINDS if kind.value in request.form.getlist("kinds")]
    if not kinds:
        return _list_page(str(_("Choose what it is told of."))), 422
    try:
        return submit_once(lambda: _created(url, kinds)).to_response()
    except BadAddress as refusal:
        return _list_page(explain_address(refusal.fault)), 422
    except FORM_REFUSALS as refusal:
        return _list_page(explain_refusal(refusal)), 422


def _created(url: str, kinds: Sequence[EventKind]) -> RedirectWithNotice:
    endpoint = operations.create_endpoint(
        url, kinds, current_user.id, clock.now(), with_loopback=current_app.config["DEMO"]
    )
    notice = _("From now on it is told. Its secret is below: the receiver needs it.")
    return RedirectWithNotice(_address(endpoint.id), str(notice))


def _address(endpoint_id: int) -> str:
    return url_for("desk.show_webhook", endpoint_id=endpoint_id)


@blueprint.get("/webhooks/<int:endpoint_id>")
@access(Access.MANAGER, confirmed=True)
def show_webhook(endpoint_id: int) -> str:
    """Show an endpoint with its secret and its latest deliveries."""
    return _page(_endpoint_or_404(endpoint_id))


@blueprint.post("/webhooks/<int:endpoint_id>/stop")
@access(Access.MANAGER, confirmed=True)
def stop_webhook(endpoint_id: int) -> AnyResponse | Page:
    """Pause an endpoint."""

    def stop() -> str:
        operations.stop_endpoint(endpoint_id, clock.now(), current_user.actor)
        return str(_("Stopped: nothing is sent until it is resumed."))

    return _change(endpoint_id, stop)


@blueprint.post("/webhooks/<int:endpoint_id>/resume")
@access(Access.MANAGER, confirmed=True)
def resume_webhook(endpoint_id: int) -> AnyResponse | Page:
    """Resume a paused endpoint."""

    def resume() -> str:
        operations.resume_endpoint(endpoint_id, current_user.id, clock.now())
        return str(_("Resumed: it is told of what comes."))

    return _change(endpoint_id, resume)


@blueprint.post("/webhooks/<int:endpoint_id>/test")
@access(Access.MANAGER, confirmed=True)
def test_webhook(endpoint_id: int) -> AnyResponse | Page:
    """Send an endpoint a test event."""

    def send() -> str:
        operations.send_test(endpoint_id, current_user.id, clock.now())
        return str(_("A test is on its way: reload this page to see what became of it."))

    return _change(endpoint_id, send)


@blueprint.post("/webhooks/<int:endpoint_id>/remove")
@access(Access.MANAGER, confirmed=True)
def remove_webhook(endpoint_id: int) -> AnyResponse | Page:
    """Remove an endpoint."""

    def remove() -> str:
        operations.remove_endpoint(endpoint_id, current_user.id, clock.now())
        return str(_("Removed: it is told no more."))

    return _change(endpoint_id, remove, url_for("desk.list_webhooks"))


@blueprint.post("/webhooks/deliveries/<int:delivery_id>/again")
@access(Access.MANAGER, confirmed=True)
def redeliver_event(delivery_id: int) -> AnyResponse | Page:
    """Send a delivery again, under the same id."""
    delivery = queries.find_delivery(delivery_id) or abort(404)
    try:
        return submit_once(lambda: _redelivered(delivery)).to_response()
    except FORM_REFUSALS as refusal:
        return _page(_endpoint_or_404(delivery.endpoint_id), explain_refusal(refusal)), 422


def _redelivered(delivery: WebhookDelivery) -> RedirectWithNotice:
    require_row_version(WebhookDelivery, delivery.id)
    operations.redeliver(delivery.id, current_user.id, clock.now())
    notice = _("It is on its way again: reload this page to see what became of it.")
    return RedirectWithNotice(_address(delivery.endpoint_id), str(notice))


def _change(endpoint_id: int, change: Callable[[], str], to: str = "") -> AnyResponse | Page:
    """Change an address as the page showed it; `change` returns what to say."""
    endpoint = _endpoint_or_404(endpoint_id)

    def make() -> RedirectWithNotice:
        require_row_version(WebhookEndpoint, endpoint_id)
        return RedirectWithNotice(to or _address(endpoint_id), change())

    try:
        return submit_once(make).to_response()
    except FORM_REFUSALS as refusal:
        return _page(endpoint, explain_refusal(refusal)), 422


def _endpoint_or_404(endpoint_id: int) -> WebhookEndpoint:
    return queries.find_endpoint(endpoint_id) or abort(404)


def _list_page(problem: str = "") -> str:
    return render_template(
        "desk/webhooks/list.html",
        endpoints=queries.list_endpoints(),
        kinds=SUBSCRIBED_KINDS,
        chosen=request.form.getlist("kinds"),
        url=request.form.get("url", ""),
        zone=home_zone(),
        problem=problem,
    )


def _page(endpoint: WebhookEndpoint, problem: str = "") -> str:
    return render_template(
        "desk/webhooks/endpoint.html",
        endpoint=endpoint,
        secret=derive_secret(current_app.config["SECRET_KEY"], endpoint.secret_seed),
        deliveries=queries.list_deliveries(endpoint.id),
        zone=home_zone(),
        problem=problem,
    )
