"""Signing in and out. Each sign-in is a row that can be ended at the server."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from booking.audit import operations as audit
from booking.audit.rules import parse_staff_actor, staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.staff import passwords, second_factors, sign_in_attempts
from booking.staff.models import Role, Staff, StaffSession, TotpFactor
from booking.staff.rules import is_confirmed, is_session_valid
from booking.staff.session_keys import has_digest, is_newest, opened_by
from booking.staff.sign_in_attempts import TooManySignInAttempts, key_digest

USE_RECORD_INTERVAL = timedelta(minutes=1)  # how finely idleness is measured
USER_AGENT_LENGTH = 300
UNKNOWN_STAFF_ID = 0  # the subject of a failed sign-in to an account that isn't there


@dataclass(frozen=True, slots=True)
class Browser:
    """The user agent and IP address of a sign-in."""

    user_agent: str = ""
    address: str = ""


UNKNOWN_BROWSER = Browser()


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that holds: whose it is, and whether they said once more who they are."""

    session_id: int
    staff_id: int
    name: str
    role: Role
    has_second_factor: bool
    is_confirmed: bool


def sign_in(
    email: str,
    password: str,
    now: datetime,
    device_key: str = "",
    browser: Browser = UNKNOWN_BROWSER,
) -> str | None:
    """Return the key of a new sign-in, or None when address and password don't belong together.

    `device_key` is the cookie of a browser that signed in before. Raises `TooManySignInAttempts`.
    """
    email = email.strip().lower()
    person = find_active_staff(email)
    counter = sign_in_attempts.attempt_counter_key(email, person.id if person else None, device_key)
    try:
        failures = sign_in_attempts.count_attempt(counter, now)
    except TooManySignInAttempts:
        _record_failure("sign_in_refused", person, counter, now)
        raise
    if not passwords.verify_password(password, person.password_hash if person else None):
        _record_failure("sign_in_failed", person, counter, now, failures=failures)
        return None
    return _sign_in_with_password(person, counter, now, browser) if person else None


@transaction()
def _sign_in_with_password(person: Staff, counter: str, now: datetime, browser: Browser) -> str:
    sign_in_attempts.reset_attempts(counter)
    awaits_factor = second_factors.has_second_factor(person.id)
    return open_session(person, now, browser, awaits_factor=awaits_factor)


@transaction()
def open_session(person: Staff, now: datetime, browser: Browser, *, awaits_factor: bool) -> str:
    """Begin a sign-in of somebody who has proved who they are; return its key, which is kept nowhere.

    Where it `awaits_factor` it opens no page yet.
    """
    key = secrets.token_urlsafe(32)
    session = StaffSession(
        key_digest=key_digest(key),
        staff_id=person.id,
        signed_in_at=now,
        seen_at=now,
        user_agent=browser.user_agent[:USER_AGENT_LENGTH],
        address=browser.address,
        awaits_factor=awaits_factor,
    )
    db.session.add(session)
    action = "give_password" if awaits_factor else "sign_in"
    audit.record(staff_actor(person.id), action, "staff", person.id, now)
    return key


@transaction()
def _record_failure(
    action: str, person: Staff | None, counter: str, now: datetime, **facts: int
) -> None:
    is_known_device = counter.startswith("device:")
    staff_id = person.id if person else UNKNOWN_STAFF_ID
    audit.record("desk", action, "staff", staff_id, now, known_device=is_known_device, **facts)


def is_known_device(email: str, device_key: str) -> bool:
    """Tell whether this browser has signed in to the account before."""
    person = find_active_staff(email.strip().lower())
    return person is not None and sign_in_attempts.find_device(person.id, device_key) is not None


def remember_device(session_key: str, now: datetime) -> str:
    """Remember the browser of a sign-in; return the key for its cookie. Raises `NoResultFound`."""
    statement = select(StaffSession.staff_id).filter_by(key_digest=key_digest(session_key))
    return sign_in_attempts.add_known_device(db.session.scalars(statement).one(), now)


def find_active_staff(email: str) -> Staff | None:
    """Return who works here under this address, written in lower case."""
    return db.session.scalar(select(Staff).filter_by(email=email, active=True))


# Asked at each request: it is not built anew, and what it reads are no objects
SIGN_IN = (
    select(
        *(StaffSession.id, StaffSession.signed_in_at, StaffSession.seen_at, StaffSession.ended_at),
        *(StaffSession.confirmed_at, StaffSession.key_digest, StaffSession.staff_id),
        *(Staff.name, Staff.role, TotpFactor.confirmed_at.is_not(None).label("has_second_factor")),
    )
    .join(Staff, Staff.id == StaffSession.staff_id)
    .outerjoin(TotpFactor, TotpFactor.staff_id == StaffSession.staff_id)
    .where(has_digest(bindparam("digest")), Staff.active, ~StaffSession.awaits_factor)
)


def find_sign_in(key: str, now: datetime, idle: timedelta) -> SignIn | None:
    """Return the sign-in of this key, if it still holds."""
    row = db.session.connection().execute(SIGN_IN, {"digest": key_digest(key)}).first()
    if row is None or not is_session_valid(row.signed_in_at, row.seen_at, row.ended_at, now, idle):
        return None
    confirmed = is_newest(row, key) and is_confirmed(row.confirmed_at, now)
    return SignIn(row.id, row.staff_id, row.name, row.role, row.has_second_factor, confirmed)


@transaction()
def record_session_use(key: str, now: datetime) -> None:
    """Keep that this sign-in is in use; by its newest key, the one before ends."""
    session = db.session.scalar(select(StaffSession).where(opened_by(key)).with_for_update())
    if session is not None:
        session.seen_at = now
        if is_newest(session, key):
            session.replaced_digest = None


def is_session_use_outdated(key: str, now: datetime) -> bool:
    """Tell whether this sign-in's use should be written down: after a while, or of a new key at once."""
    session = db.session.scalar(select(StaffSession).where(opened_by(key)))
    if session is None:
        return False
    is_new = session.replaced_digest is not None and is_newest(session, key)
    return is_new or now - session.seen_at > USE_RECORD_INTERVAL


@transaction()
def sign_out(key: str, now: datetime) -> None:
    """End one sign-in."""
    ended_id = db.session.scalar(
        update(StaffSession)
        .where(opened_by(key), StaffSession.ended_at.is_(None))
        .values(ended_at=now)
        .returning(StaffSession.staff_id)
    )
    if ended_id is not None:
        audit.record(staff_actor(ended_id), "sign_out", "staff", ended_id, now)


@transaction()
def end_sessions(staff_id: int, now: datetime) -> None:
    """End all sign-ins of one person, wherever they are."""
    db.session.execute(
        update(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def list_active_staff() -> list[Staff]:
    """Return the people who work here, in the order they were added."""
    return list(db.session.scalars(select(Staff).where(Staff.active).order_by(Staff.id)))


def find_staff_id(actor: str) -> int | None:
    """Return the id of whoever acts, by the name the audit trail gives them; None if not our staff."""
    staff_id = parse_staff_actor(actor)
    if staff_id is None:
        return None
    return db.session.scalar(select(Staff.id).where(Staff.id == staff_id))


def find_role(actor: str) -> Role | None:
    """Return the role of whoever acts, by the name the audit trail gives them; None if not our staff."""
    staff_id = parse_staff_actor(actor)
    if staff_id is None:
        return None
    return db.session.scalar(select(Staff.role).where(Staff.id == staff_id, Staff.active))
