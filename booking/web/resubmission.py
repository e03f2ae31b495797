"""A form that can't be taken now is offered to be sent again as it is: it waits in the page, not with us."""

from flask import request

from booking.extensions import is_from_own_page

FEATURES = ("site", "desk")  # signing in holds a password, and is not among them
TOKEN = "csrf_token"  # noqa: S105 - a field's name; the page that offers it again has a new one


def list_resubmittable_fields() -> list[tuple[str, str]] | None:
    """Return what the refused form holds; None where the page must not offer to send it.

    Only what came from a page of ours, which browsers say and other sites can't feign: else a form from
    elsewhere, that its missing token stops, would be a single tap away from being sent (docs/decisions).
    """
    is_form = request.method == "POST" and request.blueprint in FEATURES
    if not is_form or not is_from_own_page():
        return None
    return [pair for pair in request.form.items(multi=True) if pair[0] != TOKEN]
