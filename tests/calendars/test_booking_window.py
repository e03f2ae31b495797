"""Notice and horizon: what is listed is what is accepted, to the microsecond."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from booking.calendars.booking_windows import BookingWindow
from booking.calendars.local_days import LocalDay

PHOENIX, DENVER = ZoneInfo("America/Phoenix"), ZoneInfo("America/Denver")
NOW = datetime(2026, 12, 1, 16, tzinfo=UTC)  # 09:00 in Phoenix
MOMENT = timedelta(microseconds=1)
# Near the grid's own times, where a rule that is off by one differs from one that isn't.
moments = st.builds(
    lambda minutes, moments: NOW + timedelta(minutes=5 * minutes) + moments * MOMENT,
    st.integers(-300_000, 300_000),
    st.integers(-1, 1),
)


@given(
    moments,
    st.integers(0, 3 * 24 * 60),
    st.integers(0, 60),
    st.integers(-2, 62),
    st.sampled_from([PHOENIX, DENVER]),
)
@example(NOW, 60, 0, 0, PHOENIX)
@example(NOW + MOMENT, 60, 0, 0, PHOENIX)
@example(datetime(2026, 10, 31, 12, tzinfo=UTC), 24 * 60, 1, 1, DENVER)
def test_exactly_the_cells_listed_are_accepted(
    now: datetime, notice: int, horizon: int, days_ahead: int, zone: ZoneInfo
) -> None:
    window = BookingWindow.open_at(now, notice, horizon, zone)
    day = LocalDay.for_date(now.astimezone(zone).date() + timedelta(days=days_ahead), zone)
    accepted = [cell for cell in range(day.cells) if window.allows(day.cell_start(cell))]
    assert window.cells_of(day) == sum(1 << cell for cell in accepted)


def test_a_start_just_as_far_ahead_as_the_notice_can_be_booked_and_no_sooner_one() -> None:
    window = BookingWindow.open_at(NOW, 120, 5, PHOENIX)
    assert window.allows(NOW + timedelta(minutes=120))
    assert not window.allows(NOW + timedelta(minutes=120) - MOMENT)


@pytest.mark.parametrize("zone", [PHOENIX, DENVER])
def test_the_horizon_ends_with_its_last_local_day(zone: ZoneInfo) -> None:
    window = BookingWindow.open_at(NOW, 0, 5, zone)
    midnight = LocalDay.for_date(date(2026, 12, 7), zone).starts_at
    assert window.allows(midnight - MOMENT)
    assert not window.allows(midnight)
    assert window.last_day(zone) == date(2026, 12, 6)


def test_without_a_horizon_only_today_can_be_booked() -> None:
    window = BookingWindow.open_at(NOW, 0, 0, PHOENIX)
    assert (window.first_day(PHOENIX), window.last_day(PHOENIX)) == (date(2026, 12, 1),) * 2


def test_a_notice_longer_than_the_horizon_leaves_nothing() -> None:
    window = BookingWindow.open_at(NOW, 3 * 24 * 60, 1, PHOENIX)
    days = [LocalDay.for_date(date(2026, 12, 1) + timedelta(days=n), PHOENIX) for n in range(5)]
    assert not any(window.cells_of(day) for day in days)
