"""How long a sign-in lasts."""

from datetime import datetime, timedelta

LONGEST = timedelta(hours=12)  # a working day; then signing in again is asked for


def session_holds(
    signed_in_at: datetime,
    seen_at: datetime,
    ended_at: datetime | None,
    now: datetime,
    idle: timedelta,
) -> bool:
    """Tell whether a sign-in still counts: not ended, not idle too long (HIPAA 164.312(a)(2)(iii))."""
    return ended_at is None and now - seen_at < idle and now - signed_in_at < LONGEST
