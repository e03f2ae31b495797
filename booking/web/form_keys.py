"""The key each form of the desk carries: one sending of it, whom it was shown to, and when."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

FIELD = "form_key"


@dataclass(frozen=True, slots=True)
class FormKey:
    """`text` is random: a form sent twice comes with the same one. `shown_at` in UTC."""

    staff_id: int
    shown_at: datetime
    text: str


def new_form_key(staff_id: int, now: datetime) -> str:
    """Return the signed key of a form about to be shown to a member of staff."""
    payload: str = _signer().dumps([staff_id, now.timestamp(), secrets.token_urlsafe(12)])
    return payload


def submitted_form_key() -> FormKey | None:
    """Return the key of the form that this request sends; None without one of ours."""
    try:
        staff_id, shown_at, text = _signer().loads(request.form.get(FIELD, ""))
    except BadSignature:
        return None
    return FormKey(staff_id, datetime.fromtimestamp(shown_at, UTC), text)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="desk form")
