"""local times are kept

Revision ID: 0012
Revises: 0011
"""

import sysconfig
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
MINUTE = 60


def upgrade() -> None:
    """Until now the system's files said which local time an appointment has, so they say it once more."""
    # Not in a batch: that would copy the table, and lose its triggers and cascades on SQLite.
    op.add_column("appointment", sa.Column("utc_offset", sa.Integer(), nullable=True))
    op.add_column("appointment", sa.Column("clocks_sequence", sa.Integer(), nullable=True))
    rows = op.get_bind().execute(
        sa.text("SELECT id, starts_at, time_zone FROM appointment").columns(
            starts_at=sa.DateTime(timezone=True)
        )
    )
    zones: dict[str, ZoneInfo] = {}
    for number, starts_at, name in rows.all():
        zone = zones.setdefault(name, _as_the_system_knows(name))
        _note(number, starts_at.replace(tzinfo=starts_at.tzinfo or UTC), zone)


def _note(number: int, starts_at: datetime, zone: ZoneInfo) -> None:
    offset = starts_at.astimezone(zone).utcoffset()
    minutes = int(offset.total_seconds() // MINUTE) if offset is not None else None
    op.get_bind().execute(
        sa.text("UPDATE appointment SET utc_offset = :minutes WHERE id = :number"),
        {"minutes": minutes, "number": number},
    )


def _as_the_system_knows(name: str) -> ZoneInfo:
    """Return the zone by the system's files, where it has them."""
    for folder in (sysconfig.get_config_var("TZPATH") or "").split(":"):
        if folder and (file := Path(folder) / name).is_file():
            with file.open("rb") as opened:
                return ZoneInfo.from_file(opened, name)
    return ZoneInfo(name)


def downgrade() -> None:
    op.drop_column("appointment", "clocks_sequence")
    op.drop_column("appointment", "utc_offset")
