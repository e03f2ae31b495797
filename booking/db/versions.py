"""What a form was read at: a change made meanwhile is shown, never acted on (invariant 15)."""


class StaleVersion(Exception):
    """What is to be changed has changed since it was shown; nothing was done."""


def require_version(current: int | str, expected: int | str | None) -> None:
    """Raise `StaleVersion` unless a row, read under its lock, is at the version it was shown at.

    Without an expected version nobody was shown anything: a program or the scheduler acts.
    """
    if expected is not None and current != expected:
        raise StaleVersion(f"expected {expected}, is {current}")
