"""A practitioner's rule for the spacing of one series, and what was proposed by it and decided."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.transactions import UtcDateTime, enum_column
from booking.extensions import Model

IN_FORCE = text("ended_at IS NULL")


class ProposalStatus(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    APPLIED = "applied"
    DECLINED = "declined"
    OUTDATED = "outdated"  # newer scores led elsewhere, or the rule or the series ended


IS_OPEN = text(f"status = '{ProposalStatus.OPEN.value}'")


class SpacingOrder(Model):
    """A rule for one series, from when to when, with who set it and why: one in force at a time."""

    __tablename__ = "spacing_order"
    __table_args__ = (
        Index(
            "uq_spacing_order_in_force",
            "series_id",
            unique=True,
            postgresql_where=IN_FORCE,
            sqlite_where=IN_FORCE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("infusion_series.id"), index=True)
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)  # rules.SpacingRule, as data
    reason: Mapped[str] = mapped_column(Text)
    ordered_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    ordered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # When the newest answers came that the rule has been applied to
    considered_until: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class SpacingProposal(Model):
    """A step that scores led to by a rule, and what a practitioner decided: nothing changes without."""

    __tablename__ = "spacing_proposal"
    __table_args__ = (
        Index(
            "uq_spacing_proposal_open",
            "series_id",
            unique=True,
            postgresql_where=IS_OPEN,
            sqlite_where=IS_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("infusion_series.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("spacing_order.id"))
    form_id: Mapped[int] = mapped_column(ForeignKey("mood_form.id"))  # whose score led to it
    from_days: Mapped[int]
    to_days: Mapped[int]
    status: Mapped[ProposalStatus] = mapped_column(enum_column(ProposalStatus))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text, default="")
