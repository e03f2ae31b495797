"""visits may take longer

Revision ID: 0062
Revises: 0061
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
TABLE, CHANGES, COLUMN = "appointment", "appointment_change", "extra_minutes"
BEFORE = ("move", "cancel", "check_in", "fulfil", "mark_no_show", "record_step")
ADDED = "change_length"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column(COLUMN, sa.Integer(), server_default="0", nullable=False))
    _allow_actions((*BEFORE, ADDED))


def downgrade() -> None:
    """Visits keep the time they have; how much of it is extra is forgotten, and can't be undone."""
    op.execute(f"DELETE FROM {CHANGES} WHERE action = '{ADDED}'")  # noqa: S608 - a code of our own
    _allow_actions(BEFORE)
    op.drop_column(TABLE, COLUMN)


def _allow_actions(actions: Sequence[str]) -> None:
    with op.batch_alter_table(CHANGES) as table:
        table.drop_constraint(op.f(f"ck_{CHANGES}_action"), type_="check")
        table.create_check_constraint("action", f"action IN {tuple(actions)}")
