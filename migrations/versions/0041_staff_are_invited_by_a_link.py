"""staff are invited by a link

Revision ID: 0041
Revises: 0040
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
BEFORE = ("front_desk", "nurse", "practitioner")
ADDED = "manager"


def upgrade() -> None:
    _allow_roles((*BEFORE, ADDED))
    with op.batch_alter_table("staff_session") as table:
        table.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("user_agent", sa.String(300), server_default="", nullable=False))
        table.add_column(sa.Column("address", sa.String(45), server_default="", nullable=False))
    op.create_table(
        "staff_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_invitation_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_invitation")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_staff_invitation_token_digest")),
    )
    op.create_index("ix_staff_invitation_staff_id", "staff_invitation", ["staff_id"])


def downgrade() -> None:
    op.drop_table("staff_invitation")
    with op.batch_alter_table("staff_session") as table:
        for name in ("address", "user_agent", "confirmed_at"):
            table.drop_column(name)
    op.execute(f"UPDATE staff SET role = 'front_desk' WHERE role = '{ADDED}'")  # noqa: S608 - a code of our own
    _allow_roles(BEFORE)


def _allow_roles(roles: Sequence[str]) -> None:
    with op.batch_alter_table("staff") as table:
        table.drop_constraint(op.f("ck_staff_role"), type_="check")
        table.create_check_constraint("role", f"role IN {tuple(roles)}")
