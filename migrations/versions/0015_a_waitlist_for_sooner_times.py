"""a waitlist for sooner times

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0015"
down_revision = "0014"
WAITING, OPEN = sa.text("status = 'waiting'"), sa.text("status = 'open'")


def upgrade() -> None:
    _create_entries()
    _create_offers()


def _create_entries() -> None:
    op.create_table(
        "waitlist_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column(
            "status", _codes("entrystatus", "waiting", "left", "moved", "ended"), nullable=False
        ),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_waitlist_entry_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_entry")),
    )
    _create_index("waitlist_entry", "ix_waitlist_entry_appointment_id", "appointment_id")
    _create_index("waitlist_entry", "ix_waitlist_entry_queued", "queued_at", WAITING)
    _create_index(
        "waitlist_entry", "uq_waitlist_entry_waiting", "appointment_id", WAITING, unique=True
    )


def _create_offers() -> None:
    states = ("open", "accepted", "declined", "expired", "unsent", "withdrawn")
    op.create_table(
        "waitlist_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("hold_id", sa.Integer(), nullable=True),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("status", _codes("offerstatus", *states), nullable=False),
        sa.Column("offered_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["waitlist_entry.id"],
            name=op.f("fk_waitlist_offer_entry_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"],
            ["appointment.id"],
            name=op.f("fk_waitlist_offer_hold_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_waitlist_offer_location_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_offer")),
        sa.UniqueConstraint("token", name=op.f("uq_waitlist_offer_token")),
    )
    for column in ("entry_id", "hold_id"):
        _create_index("waitlist_offer", f"ix_waitlist_offer_{column}", column)
    _create_index("waitlist_offer", "ix_waitlist_offer_expires", "expires_at", OPEN)
    _create_index("waitlist_offer", "uq_waitlist_offer_open", "entry_id", OPEN, unique=True)


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=32)


def _create_index(
    table: str, name: str, column: str, where: sa.TextClause | None = None, *, unique: bool = False
) -> None:
    op.create_index(
        name, table, [column], unique=unique, postgresql_where=where, sqlite_where=where
    )


def downgrade() -> None:
    """Times that are held for somebody stay held until they expire."""
    op.drop_table("waitlist_offer")
    op.drop_table("waitlist_entry")
