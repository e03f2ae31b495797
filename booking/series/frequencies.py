"""How far apart the sessions of an open-ended phase can be, by the days that people say: 7, 14, 21 or 28.

[D] Limits are those of the schedules in use: weekly 5 to 9 days, every two weeks 11 to 17, every four weeks
25 to 31; every three weeks lies between.
"""

from booking.series.rules import Gap

FREQUENCIES = {
    7: Gap(5, 7, 7, 9),
    14: Gap(11, 14, 14, 17),
    21: Gap(18, 21, 21, 24),
    28: Gap(25, 28, 28, 31),
}


def nearest_frequency_days(gap: Gap) -> int:
    """Return the days of `FREQUENCIES` that a gap's ideal is nearest to; of two as near, the fewer."""
    return min(FREQUENCIES, key=lambda days: (gap.days_from_ideal(days), days))
