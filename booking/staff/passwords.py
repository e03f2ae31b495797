"""How passwords are kept (argon2id); `password_changes` has which are refused."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

HASHER = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)  # OWASP's argon2id
DUMMY_HASH = HASHER.hash("nobody has this password")  # so that an unknown address takes as long


def verify_password(password: str, password_hash: str | None) -> bool:
    """Tell whether a password is the one kept; without one it takes the same work and is False."""
    try:
        HASHER.verify(password_hash or DUMMY_HASH, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None
