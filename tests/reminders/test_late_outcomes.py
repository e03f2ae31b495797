"""What the desk records days after a visit holds up no message of its series."""

from datetime import timedelta

from booking.appointments.attendance import mark_no_show
from booking.series import endings
from tests.builders import NOW
from tests.reminders.prepared import Tick, kinds
from tests.reminders.test_lists import MINUTE, a_series_told_of_by_both
from tests.series.prescribed import appointments


def test_an_outcome_recorded_days_later_holds_up_nothing(tick: Tick) -> None:
    series = a_series_told_of_by_both()
    tick(NOW)
    first = appointments(series)[0]
    days_later = first.starts_at + timedelta(days=2)
    tick(days_later)
    mark_no_show(first.id, days_later, "staff:1")
    endings.stop_series(series.id, days_later, "staff:1", reason="not wanted any more")
    assert kinds(tick(days_later + MINUTE)) == [("cancellation", "email"), ("cancellation", "sms")]
