"""What the last load of the clinic file wrote, so that a later one can tell what the desk has changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db import UtcDateTime
from booking.extensions import Model


class ClinicLoad(Model):
    """One load of a clinic file: its digest, and by row what it left there."""

    __tablename__ = "clinic_load"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    rows: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
