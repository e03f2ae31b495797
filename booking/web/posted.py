"""What a person typed and chose in a form, without the proofs that come with it."""

from flask import request

from booking.web.form_keys import FIELD

PROOFS = {"csrf_token", FIELD}  # new each time a form is shown
SECRETS = {
    "password",
    "new_password",
    "code",
    "calendar_address",
}  # kept nowhere, not even as part of a digest


def list_posted_fields() -> list[tuple[str, str]]:
    """Return the names and values sent, in order."""
    pairs = request.form.items(multi=True)
    return [(name, text) for name, text in pairs if name not in PROOFS | SECRETS]
