"""second factors

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
APP, CODE = "totp_factor", "recovery_code"


def upgrade() -> None:
    with op.batch_alter_table("staff_session") as table:
        table.add_column(
            sa.Column("awaits_factor", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    op.create_table(
        APP,
        sa.Column("staff_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("last_step", sa.Integer()),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f(f"fk_{APP}_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f(f"pk_{APP}")),
    )
    op.create_table(
        CODE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f(f"fk_{CODE}_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{CODE}")),
    )
    op.create_index(f"ix_{CODE}_staff_id", CODE, ["staff_id"])


def downgrade() -> None:
    for table in (CODE, APP):
        op.drop_table(table)
    op.execute("UPDATE staff_session SET ended_at = seen_at WHERE awaits_factor")
    with op.batch_alter_table("staff_session") as table:
        table.drop_column("awaits_factor")
