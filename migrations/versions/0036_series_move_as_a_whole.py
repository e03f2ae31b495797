"""series move as a whole

Revision ID: 0036
Revises: 0035
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0036"
down_revision = "0035"
PLAN, APPOINTMENT = "outage_plan", "affected_appointment"
BEFORE, ADDED = ("all_locations", "same_location"), "whole_series"


def upgrade() -> None:
    is_hit = sa.Column("is_hit", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column(APPOINTMENT, is_hit)
    op.add_column(APPOINTMENT, sa.Column("restored_at", UtcDateTime(), nullable=True))
    _allow_scopes((*BEFORE, ADDED))


def _allow_scopes(scopes: Sequence[str]) -> None:
    with op.batch_alter_table(PLAN) as table:
        table.drop_constraint(op.f("ck_outage_plan_planscope"), type_="check")
        table.create_check_constraint("planscope", f"scope IN {tuple(scopes)}")


def downgrade() -> None:
    """Plans of whole series are lost; what was moved by one stays as it is."""
    op.execute(f"DELETE FROM {PLAN} WHERE scope = '{ADDED}'")  # noqa: S608 - a code of our own
    _allow_scopes(BEFORE)
    with op.batch_alter_table(APPOINTMENT) as table:
        table.drop_column("restored_at")
        table.drop_column("is_hit")
