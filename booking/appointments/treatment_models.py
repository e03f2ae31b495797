"""What is recorded of an infusion on its day."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.transactions import UtcDateTime
from booking.extensions import Model


class TreatmentTimes(Model):
    """When each step of an infusion was recorded on its day: no readings, which are the chart's.

    Its stage follows from these (`day_rules`); when the patient left, from the appointment.
    """

    __tablename__ = "treatment_day"

    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id", ondelete="CASCADE"), primary_key=True
    )
    seated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the infusion
    checks: Mapped[list[str]] = mapped_column(JSON)  # instants in ISO 8601, in order
    recovery_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ready_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # discharge criteria are met
    ride_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # was confirmed
