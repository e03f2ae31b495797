"""Rate limits counted in a store of their own (Redis), as long as that answers; in our database otherwise."""

import time
from collections.abc import Callable
from typing import TypeVar, cast

import structlog
from limits import RateLimitItem, WindowStats
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from booking.web.limit_storage import DatabaseStorage

Answer = TypeVar("Answer")
log = structlog.get_logger()
AWAY_FOR = 10.0  # seconds for which a store that failed is not asked
REDIS = ("redis", "valkey")  # how the addresses of such stores begin
SECONDS = 1.0  # that one may take to answer


def connect_storage(url: str) -> Storage:
    """Return the storage at an address, whose failures are `StorageError`; Redis may take a second."""
    times = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS}
    options = times if url.startswith(REDIS) else {}
    return cast(Storage, storage_from_string(url, wrap_exceptions=True, **options))


class SharedLimiter(FixedWindowRateLimiter):
    """Counts in a store that may be away: then the database counts, anew, and no request fails of it."""

    def __init__(self, storage: Storage) -> None:
        super().__init__(storage)
        self.substitute = FixedWindowRateLimiter(DatabaseStorage())
        self.away_until = 0.0  # monotonic seconds

    def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Count, and tell whether the limit still allows it."""
        return self._ask(
            lambda: FixedWindowRateLimiter.hit(self, item, *identifiers, cost=cost),
            lambda: self.substitute.hit(item, *identifiers, cost=cost),
        )

    def get_window_stats(self, item: RateLimitItem, *identifiers: str) -> WindowStats:
        """Return when the window ends, and what is left of it."""
        return self._ask(
            lambda: FixedWindowRateLimiter.get_window_stats(self, item, *identifiers),
            lambda: self.substitute.get_window_stats(item, *identifiers),
        )

    def _ask(self, ask: Callable[[], Answer], ask_substitute: Callable[[], Answer]) -> Answer:
        if time.monotonic() >= self.away_until:
            try:
                return ask()
            except StorageError as error:
                self.away_until = time.monotonic() + AWAY_FOR
                cause = type(error.storage_error).__name__
                log.warning("limits_storage_unavailable", kind=cause)
        return ask_substitute()
