"""What Linux says of a process of this machine."""

from pathlib import Path


def children_of(process: int) -> list[int]:
    """Return the processes that a process's first thread has forked: gunicorn's workers, of its first."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(child) for child in listed.split()]


def count_threads(process: int) -> int:
    """Return how many threads a process has."""
    return len(list(Path(f"/proc/{process}/task").iterdir()))


def opened_by(process: int) -> set[str]:
    """Return what a process has open, as "socket:[inode]" or a file's path: what two share is the same."""
    return {str(link.readlink()) for link in Path(f"/proc/{process}/fd").iterdir()}


def memory_of(process: int) -> tuple[float, float]:
    """Return the MB a process holds of its own (USS), and with its part of what it shares (PSS)."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {name: int(size.split()[0]) for name, size in (line.split(":") for line in lines)}
    own = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return own / 1024, kilobytes["Pss"] / 1024
