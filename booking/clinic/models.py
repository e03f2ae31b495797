"""What loads of the clinic file, and pages of the set-up, wrote: to tell what the desk has changed since."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, false
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.transactions import UtcDateTime
from booking.extensions import Model


class ClinicLoad(Model):
    """One load of a clinic file, or by a page of the set-up, that changed something; the newest counts.

    `rows` holds what it left, by a row's name: {"table", "id", "values"}; `templates` the digest and version
    of each schedule template, by slug; `heading` what it says and no row does. Loads before 0026 lack both.
    """

    __tablename__ = "clinic_load"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of what it left, without ids
    rows: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON)
    templates: Mapped[dict[str, dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    heading: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    by_page: Mapped[bool] = mapped_column(default=False, server_default=false())
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
