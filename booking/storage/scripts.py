"""PostgreSQL's backups as the SQL that they are restored by, decrypted on the way."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pyrage.x25519 import Identity

from booking.storage.sealed_files import read_payload
from booking.storage.snapshots import run_tool, stream_of

# The tables alone, as whoever restores them: no owners and rights of another machine.
AS_SQL = ["--file=-", "--schema=public", "--no-owner", "--no-privileges"]
COPY, END = b"COPY public.", b"\\.\n"


@contextmanager
def open_script(path: Path, keys: tuple[Identity, ...]) -> Iterator[BinaryIO]:
    """Give the lines of a backup's SQL, without any of it on disk. Raises `UnreadableBackup`, `ToolFailed`.

    Only where the block ends without an error was the file whole.
    """
    with (
        run_tool("pg_restore", AS_SQL, takes_input=True) as process,
        ThreadPoolExecutor(1) as pool,
    ):
        feeding = pool.submit(_feed, path, keys, stream_of(process.stdin))
        try:
            yield stream_of(process.stdout)
        except BaseException:
            process.kill()  # or the feeder waits for it
            raise
        feeding.result()


def _feed(path: Path, keys: tuple[Identity, ...], target: BinaryIO) -> None:
    with suppress(BrokenPipeError), target:  # it says itself why it ended
        read_payload(path, keys, target)


def count_copied(script: Iterable[bytes], rows: dict[str, int]) -> Iterator[bytes]:
    """Yield the lines of a script; count in `rows` those that it copies into each table."""
    name = ""
    for line in script:
        if name and line == END:
            name = ""
        elif name:
            rows[name] += 1
        elif line.startswith(COPY):
            name = line[len(COPY) :].split(b" ")[0].strip(b'"').decode()
            rows[name] = 0
        yield line
