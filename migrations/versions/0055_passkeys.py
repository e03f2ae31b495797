"""passkeys

Revision ID: 0055
Revises: 0054
"""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
KEY, CHALLENGE = "passkey", "passkey_challenge"


def upgrade() -> None:
    op.create_table(
        KEY,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("credential_id", sa.String(1400), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f(f"fk_{KEY}_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{KEY}")),
        sa.UniqueConstraint("credential_id", name=op.f(f"uq_{KEY}_credential_id")),
    )
    op.create_index(f"ix_{KEY}_staff_id", KEY, ["staff_id"])
    op.create_table(
        CHALLENGE,
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("staff_id", sa.Integer()),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f(f"fk_{CHALLENGE}_staff_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f(f"pk_{CHALLENGE}")),
    )
    op.create_index(f"ix_{CHALLENGE}_made_at", CHALLENGE, ["made_at"])


def downgrade() -> None:
    for table in (CHALLENGE, KEY):
        op.drop_table(table)
