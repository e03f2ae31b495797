"""Backups as files: age (age-encryption.org), so that any program that speaks it opens them.

Inside, one line of JSON says what follows: the database's own kind of backup.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

import pyrage
from pyrage.x25519 import Identity

HEADING_LIMIT = 1 << 20  # bytes; one line that long is none of ours


class UnreadableBackup(Exception):
    """A file is no backup of ours, was changed or cut, or has another key."""


class InvalidKey(Exception):
    """A setting's key is none of age's."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself: which kind of database it is of, and how many rows each table had.

    `revision` is the schema's, `made_at` an instant before the first row was read (UTC).
    """

    database: str
    revision: str
    made_at: datetime
    rows: Mapping[str, int]

    def to_line(self) -> bytes:
        """Return it as the first line of a backup."""
        return json.dumps(asdict(self), default=datetime.isoformat).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "Manifest":
        """Read the first line of a backup. Raises `UnreadableBackup`."""
        try:
            fields = json.loads(line)
            return cls(**{**fields, "made_at": datetime.fromisoformat(fields["made_at"])})
        except (ValueError, TypeError, KeyError) as error:
            raise UnreadableBackup("the file is none of flask backup's") from error


class Writable(Protocol):
    """Something that takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Write all of `data`."""


def parse_keys(text: str) -> tuple[Identity, ...]:
    """Return the keys of a setting: the first encrypts, each reads. Raises `InvalidKey`."""
    try:
        return tuple(Identity.from_str(key.strip()) for key in text.split(",") if key.strip())
    except pyrage.IdentityError as error:
        raise InvalidKey("an age key begins with AGE-SECRET-KEY-1") from error


def generate_key() -> str:
    """Return a new key as the setting has it."""
    return str(Identity.generate())


def write_sealed(path: Path, key: Identity, manifest: Manifest, payload: BinaryIO) -> None:
    """Encrypt a backup into a file that only its owner may read."""
    path.touch(mode=0o600)
    with path.open("wb") as file:
        pyrage.encrypt_io(_WithHeading(manifest.to_line(), payload), file, [key.to_public()])


def read_manifest(path: Path, keys: tuple[Identity, ...]) -> Manifest:
    """Return what a backup says of itself. Raises `UnreadableBackup`."""
    heading = _Heading()
    with suppress(_HeadingRead):
        _decrypt(path, keys, heading)
    return Manifest.from_line(heading.line)


def read_payload(path: Path, keys: tuple[Identity, ...], target: Writable) -> None:
    """Write what follows the first line into `target`. Raises `UnreadableBackup`, maybe at the end only."""
    _decrypt(path, keys, _WithoutHeading(target))


def _decrypt(path: Path, keys: tuple[Identity, ...], target: Writable) -> None:
    try:
        with path.open("rb") as file:
            pyrage.decrypt_io(file, target, keys)
    except pyrage.DecryptError as error:
        raise UnreadableBackup(f"{path.name} is of another key, or no backup: {error}") from error
    except BrokenPipeError:
        raise
    except OSError as error:  # what was changed or cut, or can't be read at all
        raise UnreadableBackup(f"{path.name} is damaged: {error.strerror or error}") from error


class _WithHeading:
    """A heading, and what a file has after it, read as one."""

    def __init__(self, heading: bytes, source: BinaryIO) -> None:
        self._heading, self._source = heading, source

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; none at the end."""
        data, self._heading = self._heading[:size], self._heading[size:]
        return data or self._source.read(size)


class _HeadingRead(Exception):
    """Enough was decrypted."""


class _Heading:
    """Takes the first line, and no more."""

    def __init__(self) -> None:
        self.line, self._is_whole = b"", False

    def write(self, data: bytes) -> int:
        """Take some; raise `_HeadingRead` once the line has ended, and then again."""
        if not self._is_whole:
            line, end, _ = data.partition(b"\n")
            self.line += line
            self._is_whole = bool(end) or len(self.line) > HEADING_LIMIT
        if self._is_whole:
            raise _HeadingRead
        return len(data)


class _WithoutHeading:
    """Hands on what comes after the first line."""

    def __init__(self, target: Writable) -> None:
        self._target, self._is_past = target, False

    def write(self, data: bytes) -> int:
        """Write all of `data`."""
        rest = data
        if not self._is_past:
            _, end, rest = data.partition(b"\n")
            self._is_past = bool(end)
        if rest:
            self._target.write(rest)
        return len(data)
