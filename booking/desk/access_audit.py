"""Who looked at what: a page about patients, and each refusal, is an audit entry (HIPAA 164.312(b))."""

from flask import Response, request
from flask_login import current_user

from booking import clock
from booking.audit import operations as audit
from booking.desk.blueprint import blueprint
from booking.desk.people.blueprint import blueprint as accounts

# What a page is about, by the number in its address; the first that is there.
SUBJECTS = {
    "patient_id": "patient",
    "appointment_id": "appointment",
    "session_id": "session",
    "series_id": "infusion_series",
    "task_id": "task",
    "flag_id": "flag",
    "affected_id": "affected_patient",
    "case_id": "outage_case",
    "feed_id": "calendar_feed",
    "staff_id": "staff",
    "merge_id": "patient_merge",
    "note_id": "staff_note",
    "text_id": "inbound",
    "turn_id": "on_call_turn",
    "endpoint_id": "webhook_endpoint",
    "delivery_id": "webhook_delivery",
}
LIST = ("desk", 0)  # a page about many: its address says of which day, not of whom
# Pages on which no patient is seen.
WITHOUT_PATIENTS = {
    *("desk.show_today", "desk.redirect_to_day", "desk.show_crisis_help"),
    *("desk.show_capacity", "desk.download_capacity"),
    *("desk.show_measures", "desk.download_measures"),
    *("desk.list_feeds", "desk.show_rota", "desk.show_board", "desk.poll_board"),
    *("desk.show_setup", "desk.edit_setup", "desk.list_webhooks", "desk.show_webhook"),
}
BY_ITSELF = {
    "desk.poll_alerts",
    "desk.poll_outage",
    "desk.poll_calendar",
    "desk.poll_day",
}  # by an open page: who looked at that is on record
SHOWN = (200, 409, 422)  # a form that is refused shows its page again
UNRECORDED = WITHOUT_PATIENTS | BY_ITSELF


@blueprint.after_request
def audit_access(response: Response) -> Response:
    """Record that a signed-in person saw a page, or was refused it, before it leaves."""
    if not current_user.is_authenticated:
        return response
    if response.status_code >= 400 and response.status_code not in SHOWN:
        _record("refused", status=response.status_code, method=request.method)
    elif response.status_code in SHOWN and request.endpoint not in UNRECORDED:
        _record("read")
    return response


@accounts.after_request
def audit_refusal(response: Response) -> Response:
    """Record that a signed-in person was refused a page of accounts, on which no patient is seen."""
    if response.status_code == 403 and current_user.is_authenticated:
        _record("refused", status=response.status_code, method=request.method)
    return response


def _record(action: str, **facts: str | int) -> None:
    numbers = request.view_args or {}
    kind, number = next(
        ((kind, numbers[name]) for name, kind in SUBJECTS.items() if name in numbers), LIST
    )
    target = {"page": str(request.endpoint), **numbers}
    audit.record(current_user.actor, action, kind, number, clock.now(), **target, **facts)
