"""answers have a history

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from booking.db.constraints import never_updated
from booking.db.transactions import UtcDateTime

revision = "0021"
down_revision = "0020"
TABLE, KEY = "screening_submission", "history_key"
OUTCOMES = ("help_first", "adults_only", "call_first", "flagged", "go_on")


def upgrade() -> None:
    op.add_column("screening_response", sa.Column(KEY, sa.String(length=43), nullable=True))
    op.create_index(f"ix_screening_response_{KEY}", "screening_response", [KEY])
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(KEY, sa.String(length=43), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("outcome", _codes("screeningoutcome", *OUTCOMES), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"], ["questionnaire.version"], name=op.f(f"fk_{TABLE}_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(f"ix_{TABLE}_{KEY}", TABLE, [KEY])
    for statement in never_updated(TABLE).create(op.get_bind().dialect.name):
        op.execute(statement)


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=32)


def downgrade() -> None:
    for statement in never_updated(TABLE).drop(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table(TABLE)
    op.drop_index(f"ix_screening_response_{KEY}", "screening_response")
    op.drop_column("screening_response", KEY)
