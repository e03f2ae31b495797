"""What an appointment can occupy."""

from datetime import time
from enum import StrEnum

END_OF_DAY = time.max  # how hours that end with the day, at 24:00, are kept


class ResourceKind(StrEnum):
    """Kinds of resource. A seat is one share of a nurse who watches several chairs."""

    ROOM = "room"
    CHAIR = "chair"
    PRACTITIONER = "practitioner"
    SEAT = "seat"
