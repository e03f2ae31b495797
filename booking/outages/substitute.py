"""Nobody is asked to call about an appointment while its outage is seen to, or an answer may come."""

from collections.abc import Collection

from booking import clock
from booking.outages.affected import filter_during
from booking.outages.queries import filter_awaited, list_undecided_outages


class OutageCalls:
    """Registered with `appointments`: of these appointments nobody is asked to call yet."""

    def filter_handled(self, appointment_ids: Collection[int]) -> set[int]:
        """Return those for which a plan is yet to be chosen, or an answer may still come."""
        now = clock.now()
        handled = filter_awaited(appointment_ids, now)
        for outage in list_undecided_outages():
            handled |= filter_during(outage, appointment_ids, now)
        return handled
