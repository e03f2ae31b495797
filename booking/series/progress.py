"""How far a series has come: the codes of its life, and of each session's."""

from enum import StrEnum


class SeriesStatus(StrEnum):
    """A proposed series is prescribed and has no times yet; an active one is booked whole."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    COMPLETED = "completed"
    STOPPED = "stopped"


class SessionState(StrEnum):
    """What became of one place in a series; `unplaced` waits for a person, and is never dropped."""

    PLANNED = "planned"
    BOOKED = "booked"
    DONE = "done"
    MISSED = "missed"
    UNPLACED = "unplaced"
