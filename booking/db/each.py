"""The same for each of many, where one that fails must hold up no other."""

from collections.abc import Callable, Iterable

import structlog

log = structlog.get_logger()


def run_each(ids: Iterable[int], operation: Callable[[int], object], event: str) -> int:
    """Call an operation for each id; return for how many it returned something true.

    Each call is a transaction of its own. One that fails is logged as `event`, with its id.
    """
    count = 0
    for row_id in ids:
        try:
            count += bool(operation(row_id))
        except Exception as error:
            log.error(event, id=row_id, exc_info=error)
    return count
