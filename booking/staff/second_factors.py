"""One-time codes of an authenticator app (RFC 6238) and recovery codes: each counts once."""

import hmac
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.staff import passwords, sign_in_attempts
from booking.staff.models import Passkey, RecoveryCode, TotpFactor
from booking.staff.rules import (
    CODE_STEP,
    RECOVERY_CODES,
    is_one_time_code,
    new_recovery_code,
    normalize_recovery_code,
)
from booking.staff.secret_box import SecretBox

STEPS_APART = (0, -1, 1)  # a code of the step before, and of a clock that is a little fast


class AlreadySetUp(Exception):
    """An app counts already; it is removed before another is set up."""


def has_second_factor(staff_id: int) -> bool:
    """Tell whether signing in as this person takes more than the password."""
    return find_app(staff_id) is not None


def find_app(staff_id: int) -> TotpFactor | None:
    """Return the authenticator app that counts."""
    factor = db.session.get(TotpFactor, staff_id)
    return factor if factor and factor.confirmed_at else None


def find_unconfirmed_secret(staff_id: int, box: SecretBox) -> str | None:
    """Return the secret (base32) that a code has yet to confirm. Raises `UnreadableSecret`."""
    factor = db.session.get(TotpFactor, staff_id)
    return box.decrypt(factor.secret) if factor and not factor.confirmed_at else None


def count_recovery_codes(staff_id: int) -> int:
    """Return how many recovery codes a person has left."""
    statement = select(func.count()).select_from(RecoveryCode)
    return db.session.scalar(statement.filter_by(staff_id=staff_id, used_at=None)) or 0


@transaction()
def begin_app(staff_id: int, box: SecretBox, now: datetime) -> None:
    """Make a secret for an app, in place of one not confirmed. Raises `AlreadySetUp`."""
    if find_app(staff_id):
        raise AlreadySetUp(staff_id)
    db.session.execute(delete(TotpFactor).filter_by(staff_id=staff_id))
    secret = box.encrypt(pyotp.random_base32())
    db.session.add(TotpFactor(staff_id=staff_id, secret=secret, made_at=now))


def activate_app(staff_id: int, code: str, box: SecretBox, now: datetime) -> list[str] | None:
    """Make an authenticator app count after its first right code; return new recovery codes, else None.

    They are shown this once.

    Raises `TooManySignInAttempts`.
    """
    counter = _counter(staff_id)
    sign_in_attempts.count_attempt(counter, now)
    codes = _confirm(staff_id, code, box, now)
    if codes is not None:
        sign_in_attempts.reset_attempts(counter)
    return codes


@transaction()
def _confirm(staff_id: int, code: str, box: SecretBox, now: datetime) -> list[str] | None:
    factor = db.session.get(TotpFactor, staff_id, with_for_update=True)
    if factor is None or factor.confirmed_at or not _use_code(factor, code, box, now):
        return None
    factor.confirmed_at = now
    audit.record(staff_actor(staff_id), "set_up_second_factor", "staff", staff_id, now)
    return replace_recovery_codes(staff_id, now)


def accept_code(staff_id: int, code: str, box: SecretBox, now: datetime) -> bool:
    """Tell whether a code of the app or a recovery code is right; then it counts no more.

    Wrong ones slow the next, as with passwords. Raises `TooManySignInAttempts`, `UnreadableSecret`.
    """
    counter = _counter(staff_id)
    failures = sign_in_attempts.count_attempt(counter, now)
    if _accept(staff_id, code, box, now):
        sign_in_attempts.reset_attempts(counter)
        return True
    _record_failure(staff_id, failures, now)
    return False


@transaction()
def _accept(staff_id: int, code: str, box: SecretBox, now: datetime) -> bool:
    if is_one_time_code(code):
        factor = db.session.get(TotpFactor, staff_id, with_for_update=True)
        return bool(factor and factor.confirmed_at and _use_code(factor, code, box, now))
    return _use_recovery_code(staff_id, code, now)


def _use_code(factor: TotpFactor, code: str, box: SecretBox, now: datetime) -> bool:
    """Tell whether a code is of now, and of a step later than the last one used (RFC 6238, 5.2)."""
    if not is_one_time_code(code):
        return False
    app, step = pyotp.TOTP(box.decrypt(factor.secret)), int(now.timestamp()) // CODE_STEP
    for candidate in (step + apart for apart in STEPS_APART):
        is_unused = factor.last_step is None or candidate > factor.last_step
        if is_unused and hmac.compare_digest(app.generate_otp(candidate), code.strip()):
            factor.last_step = candidate
            return True
    return False


def _use_recovery_code(staff_id: int, code: str, now: datetime) -> bool:
    statement = select(RecoveryCode).filter_by(staff_id=staff_id, used_at=None).with_for_update()
    plain = normalize_recovery_code(code)
    for row in db.session.scalars(statement):
        if passwords.verify_password(plain, row.code_hash):
            row.used_at = now
            audit.record(staff_actor(staff_id), "use_recovery_code", "staff", staff_id, now)
            return True
    return False


@transaction()
def replace_recovery_codes(staff_id: int, now: datetime) -> list[str]:
    """Make new recovery codes in place of all earlier ones; they are returned this once."""
    db.session.execute(delete(RecoveryCode).filter_by(staff_id=staff_id))
    codes = [new_recovery_code(secrets.choice) for _ in range(RECOVERY_CODES)]
    for code in codes:
        code_hash = passwords.HASHER.hash(normalize_recovery_code(code))
        db.session.add(RecoveryCode(staff_id=staff_id, code_hash=code_hash, made_at=now))
    audit.record(staff_actor(staff_id), "make_recovery_codes", "staff", staff_id, now)
    return codes


@transaction()
def reset_second_factor(staff_id: int, now: datetime, actor: str) -> None:
    """Let the password alone do for who has lost the phone: its passkeys count no more either."""
    remove_passkeys(staff_id)
    remove_second_factor(staff_id, now, actor)


@transaction()
def remove_passkeys(staff_id: int) -> None:
    """Let none of a person's passkeys count any more: they left, or the phone is lost."""
    db.session.execute(delete(Passkey).filter_by(staff_id=staff_id))


@transaction()
def remove_second_factor(staff_id: int, now: datetime, actor: str) -> None:
    """Let the password alone do, as its person asks for."""
    for table in (TotpFactor, RecoveryCode):
        db.session.execute(delete(table).filter_by(staff_id=staff_id))
    sign_in_attempts.reset_attempts(_counter(staff_id))
    audit.record(actor, "remove_second_factor", "staff", staff_id, now)


@transaction()
def _record_failure(staff_id: int, failures: int, now: datetime) -> None:
    actor = staff_actor(staff_id)
    audit.record(actor, "second_factor_failed", "staff", staff_id, now, failures=failures)


def _counter(staff_id: int) -> str:
    return f"factor:{staff_id}"
