"""what is not there for once

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0025"
down_revision = "0024"
TABLE = "outage"
SUBJECTS = {"location_id": "location", "resource_id": "resource", "staff_id": "staff"}
ABOUT_ONE_THING = " + ".join(f"CASE WHEN {column} IS NULL THEN 0 ELSE 1 END" for column in SUBJECTS)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(column, sa.Integer(), nullable=True) for column in SUBJECTS),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("starts_at <= ends_at", name=op.f(f"ck_{TABLE}_starts_before_it_ends")),
        sa.CheckConstraint(f"{ABOUT_ONE_THING} = 1", name=op.f(f"ck_{TABLE}_about_one_thing")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{TABLE}_{column}"))
            for column, table in SUBJECTS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )


def downgrade() -> None:
    op.drop_table(TABLE)
