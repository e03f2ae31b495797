"""calendars are subscribed to

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0039"
down_revision = "0038"
TABLE = "calendar_feed"
REFERENCES = (
    ("location_id", "location.id"),
    ("resource_id", "resource.id"),
    ("created_by_id", "staff.id"),
)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(43), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(location_id IS NULL) <> (resource_id IS NULL)",
            name=op.f(f"ck_{TABLE}_about_one_calendar"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{TABLE}_{column}"))
            for column, target in REFERENCES
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("token", name=op.f(f"uq_{TABLE}_token")),
    )


def downgrade() -> None:
    op.drop_table(TABLE)
