"""Secrets of second factors and of calendars' addresses as the database keeps them: encrypted.

The key is one that the database doesn't have.
"""

import base64
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

# Keep the keys of one use of a setting apart from those of any other
SECOND_FACTOR, CALENDAR_ADDRESS = b"second factor", b"calendar address"


class UnreadableSecret(Exception):
    """A secret was encrypted with another key than the settings have now."""


class SecretBox:
    """Encrypts with the first of its keys, and reads what any of them has encrypted."""

    def __init__(self, keys: tuple[bytes, ...], purpose: bytes) -> None:
        self._fernets = MultiFernet([Fernet(_fernet_key(key, purpose)) for key in keys])

    @classmethod
    def from_settings(
        cls, factor_key: str, secret_key: str, purpose: bytes = SECOND_FACTOR
    ) -> "SecretBox":
        """Return the box of `factor_key` (several, with commas), or of `secret_key` where it is empty."""
        keys = tuple(key.strip().encode() for key in factor_key.split(",") if key.strip())
        return cls(keys or (secret_key.encode(),), purpose)

    def encrypt(self, text: str) -> str:
        """Return a text as it may be kept."""
        return self._fernets.encrypt(text.encode()).decode()

    def decrypt(self, encrypted: str) -> str:
        """Return a text as it was. Raises `UnreadableSecret`."""
        try:
            return self._fernets.decrypt(encrypted.encode()).decode()
        except InvalidToken as error:
            raise UnreadableSecret from error


def _fernet_key(key: bytes, purpose: bytes) -> bytes:
    return base64.urlsafe_b64encode(hmac.digest(key, purpose, "sha256"))
