"""Who is signed in, by the session's key: asked at each request."""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app, request, session

from booking import clock
from booking.audit.rules import staff_actor
from booking.desk.people.factor_settings import takes_second_factor
from booking.extensions import login
from booking.staff import operations as staff
from booking.staff.models import Role

KEY = "staff_key"


@dataclass(frozen=True, slots=True)
class SignedInStaff:
    """Who is signed in, as Flask-Login asks for it; `actor` is the name in the audit trail."""

    id: int
    name: str
    role: Role
    session_id: int
    is_confirmed: bool  # they lately said once more who they are
    must_enrol: bool = False  # their role needs a second factor, and they have none yet
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    @property
    def actor(self) -> str:
        """Return how the audit trail names this person."""
        return staff_actor(self.id)

    @property
    def may_decide(self) -> bool:
        """Tell whether this person decides on treatment: what only a practitioner may."""
        return self.role is Role.PRACTITIONER

    @property
    def reads_clinical(self) -> bool:
        """Tell whether this person reads notes, findings, safety answers and scores."""
        return self.role.is_clinician

    @property
    def may_manage(self) -> bool:
        """Tell whether this person sees to who works here and what they may."""
        return self.role is Role.MANAGER

    @property
    def may_oversee(self) -> bool:
        """Tell whether this person reads the audit trail."""
        return self.role in (Role.PRACTITIONER, Role.MANAGER)

    def get_id(self) -> str:
        """Return the id as text."""
        return str(self.id)


@login.request_loader  # type: ignore[untyped-decorator]  # Flask-Login has no types
def load_staff(_request: object) -> SignedInStaff | None:
    """Return who the session's key belongs to, if that sign-in still holds at the server."""
    key, now = session.get(KEY), clock.now()
    if key is None:
        return None
    sign_in = staff.find_sign_in(key, now, idle_time())
    if sign_in is None:
        return None
    account = SignedInStaff(
        sign_in.staff_id,
        sign_in.name,
        sign_in.role,
        sign_in.session_id,
        sign_in.is_confirmed,
        must_enrol=takes_second_factor(sign_in.role) and not sign_in.has_second_factor,
    )
    if _counts_as_use() and staff.is_session_use_outdated(key, now):
        staff.record_session_use(key, now)
    return account


def idle_time() -> timedelta:
    """Return after how long without use a sign-in ends."""
    return timedelta(minutes=current_app.config["STAFF_IDLE_MINUTES"])


def _counts_as_use() -> bool:
    """Tell whether a person asked for this page, not a page that is left open."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "counts_as_use", True)
