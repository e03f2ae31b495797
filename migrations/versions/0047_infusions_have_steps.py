"""infusions have steps

Revision ID: 0047
Revises: 0046
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0047"
down_revision = "0046"
TABLE, CHANGES = "treatment_day", "appointment_change"
BEFORE = ("move", "cancel", "check_in", "fulfil", "mark_no_show")
ADDED = "record_step"
INSTANTS = ("seated_at", "started_at", "recovery_at", "ready_at", "ride_at")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        *(sa.Column(name, UtcDateTime(), nullable=True) for name in INSTANTS),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f(f"fk_{TABLE}_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f(f"pk_{TABLE}")),
    )
    _allow_actions((*BEFORE, ADDED))


def downgrade() -> None:
    """Visits go on without their steps, and these can't be undone any more."""
    op.execute(f"DELETE FROM {CHANGES} WHERE action = '{ADDED}'")  # noqa: S608 - a code of our own
    _allow_actions(BEFORE)
    op.drop_table(TABLE)


def _allow_actions(actions: Sequence[str]) -> None:
    with op.batch_alter_table(CHANGES) as table:
        table.drop_constraint(op.f(f"ck_{CHANGES}_action"), type_="check")
        table.create_check_constraint("action", f"action IN {tuple(actions)}")
