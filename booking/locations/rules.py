"""What an appointment can occupy."""

from enum import StrEnum


class ResourceKind(StrEnum):
    """Kinds of resource. A seat is one share of a nurse who watches several chairs."""

    ROOM = "room"
    CHAIR = "chair"
    PRACTITIONER = "practitioner"
    SEAT = "seat"
