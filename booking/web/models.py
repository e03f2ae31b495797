"""How often an address did what is limited, where all processes see it."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db.transactions import UtcDateTime
from booking.extensions import Model


class RateWindow(Model):
    """Requests counted under one key until the window ends; then the row is counted anew."""

    __tablename__ = "rate_window"

    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
