"""Troubles the loopback provider makes when told to, so that tests can see them survived."""

import enum
import threading
from dataclasses import dataclass, replace


class Trouble(enum.StrEnum):
    """What goes wrong with a request that would have been accepted."""

    BUSY = "429"  # refused with 20429, never processed
    BROKEN = "500"  # answered 500, not accepted
    BROKEN_AFTER = "500-after-accept"  # accepted, yet answered 500
    DROP = "drop"  # connection closed, not accepted
    CLOSE = "close-after-accept"  # accepted, connection closed without an answer
    HANG_BEFORE = "hang"  # not accepted, no answer for `seconds`, then closed
    HANG = "hang-after-accept"  # accepted, no answer for `seconds`, then closed
    DELAY = "delay"  # accepted and answered, but `seconds` later


@dataclass(frozen=True, slots=True)
class Fault:
    """A trouble for the next `times` requests; one that refuses says `seconds` as its Retry-After."""

    trouble: Trouble
    times: int
    seconds: float = 0


class Faults:
    """The troubles to come, in order. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Make this trouble after those already asked for."""
        with self._lock:
            self._coming.append(fault)

    def clear(self) -> None:
        """Make no more trouble."""
        with self._lock:
            self._coming.clear()

    def take(self) -> Fault | None:
        """Return the trouble for this request, if any."""
        with self._lock:
            if not self._coming:
                return None
            fault = self._coming[0]
            if fault.times > 1:
                self._coming[0] = replace(fault, times=fault.times - 1)
            else:
                self._coming.pop(0)
            return fault
