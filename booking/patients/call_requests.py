"""What people leave who ask to be called."""

from datetime import datetime

from sqlalchemy import func, select

from booking.audit import operations as audit
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import CallRequest
from booking.patients.rules import normalize_name

MAX_CALLER_NAME_LENGTH = (
    160  # its column's length; a given and a family name may be longer together
)


@transaction()
def create_call_request(
    name: str,
    phone: str,
    now: datetime,
    *,
    location_id: int | None = None,
    wanted_start: datetime | None = None,
    note: str = "",
) -> CallRequest:
    """Keep a person's wish to be called; the caller opens the task."""
    request = CallRequest(
        name=name[:MAX_CALLER_NAME_LENGTH],
        phone=phone,
        location_id=location_id,
        wanted_start=wanted_start,
        note=note,
        created_at=now,
    )
    db.session.add(request)
    db.session.flush()
    audit.record("online", "ask_for_call", "call_request", request.id, now)
    return request


def find_call_request(request_id: int) -> CallRequest | None:
    """Return what somebody left who asked to be called."""
    return db.session.get(CallRequest, request_id)


def list_call_requests(name: str, phone: str) -> list[int]:
    """Return the ids of the calls that someone of this name asked for at this number."""
    statement = select(CallRequest.id, CallRequest.name).where(CallRequest.phone == phone)
    return [
        request_id
        for request_id, asked_name in db.session.execute(statement)
        if normalize_name(asked_name) == normalize_name(name)
    ]


def count_call_requests(location_id: int | None, since: datetime) -> int:
    """Return how many calls were asked for at a location (None: at none) since an instant."""
    statement = select(func.count()).where(
        CallRequest.location_id.is_not_distinct_from(location_id), CallRequest.created_at >= since
    )
    return db.session.scalar(statement) or 0
