"""No room on the disk for what a running service writes, until there is room again."""

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.survival.killed_web import KilledWeb

MEGABYTES = 12
BALLAST = "ballast"
NO_LIMIT = resource.RLIM_INFINITY


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """Give a folder: on a file system of a few megabytes where one may be mounted, or a usual one."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(place)]
    subprocess.run(mount, check=False, capture_output=True)
    try:
        yield place
    finally:
        if place.is_mount():
            subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def no_room(disk: Path, web: KilledWeb) -> Iterator[None]:
    """Leave no room until the block ends: fill the disk, or let no file of the web grow any more."""
    if not disk.is_mount():
        _limit_files(web, max(file.stat().st_size for file in disk.iterdir()))
        yield
        _limit_files(web, NO_LIMIT)
        return
    _fill(disk / BALLAST)
    yield
    (disk / BALLAST).unlink()


def _limit_files(web: KilledWeb, size: int) -> None:
    for process in web.processes:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size, NO_LIMIT))


def _fill(path: Path) -> None:
    with path.open("ab", buffering=0) as ballast:
        try:
            while ballast.write(b"0" * 4096):
                pass
        except OSError:
            return
