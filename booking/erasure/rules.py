"""How long what is kept, and why a patient's record isn't erased."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ERASED_NAME = "Erased"


class ErasureObstacle(StrEnum):
    """Why a patient's record can't be erased as things stand."""

    ERASED_ALREADY = "erased_already"
    MERGED = "merged"  # into another record, which is erased with it
    LEGAL_HOLD = "legal_hold"
    COMING_APPOINTMENT = "coming_appointment"  # booked, here, or over and not closed
    RUNNING_SERIES = "running_series"
    OPEN_TASK = "open_task"
    OPEN_FLAG = "open_flag"  # a clinician has to look first
    MESSAGE_WAITING = "message_waiting"  # planned, or being sent


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """After how many years what is erased; 0: never, it is kept.

    Records count from the last contact, messages' words and what came of nothing from when they were written.
    """

    record_years: int = 0
    message_years: int = 0
    draft_years: int = 0


def years_before(now: datetime, years: int) -> datetime:
    """Return the same instant so many years earlier; of 29 February, that of the 28th."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)
