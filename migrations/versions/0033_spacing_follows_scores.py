"""spacing follows scores

Revision ID: 0033
Revises: 0032
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0033"
down_revision = "0032"
ORDER, PROPOSAL = "spacing_order", "spacing_proposal"
IN_FORCE, IS_OPEN = sa.text("ended_at IS NULL"), sa.text("status = 'open'")
BEFORE = (
    *("call_back", "call_first", "crisis", "read_text", "place_session", "decide_after_miss"),
    *("review_series", "mend_contact", "change_wanted", "check_record", "move_appointment"),
    *("decide_suspended", "review_report", "decide_paused", "gap_limit", "decide_outage"),
)
ADDED = ("decide_spacing",)


def upgrade() -> None:
    _create_orders()
    _create_proposals()
    _allow_kinds((*BEFORE, *ADDED))


def _create_orders() -> None:
    op.create_table(
        ORDER,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ordered_by_id", sa.Integer(), nullable=False),
        sa.Column("ordered_at", UtcDateTime(), nullable=False),
        sa.Column("considered_until", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        _refers(ORDER, "series_id", "infusion_series"),
        _refers(ORDER, "ordered_by_id", "staff"),
        _refers(ORDER, "ended_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{ORDER}")),
    )
    op.create_index(f"ix_{ORDER}_series_id", ORDER, ["series_id"])
    _one_of_a_series(f"uq_{ORDER}_in_force", ORDER, IN_FORCE)


def _create_proposals() -> None:
    statuses = ("open", "applied", "declined", "outdated")
    op.create_table(
        PROPOSAL,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("from_days", sa.Integer(), nullable=False),
        sa.Column("to_days", sa.Integer(), nullable=False),
        sa.Column("status", _codes("proposalstatus", *statuses), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        _refers(PROPOSAL, "series_id", "infusion_series"),
        _refers(PROPOSAL, "order_id", ORDER),
        _refers(PROPOSAL, "form_id", "mood_form"),
        _refers(PROPOSAL, "decided_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{PROPOSAL}")),
    )
    op.create_index(f"ix_{PROPOSAL}_series_id", PROPOSAL, ["series_id"])
    _one_of_a_series(f"uq_{PROPOSAL}_open", PROPOSAL, IS_OPEN)


def _one_of_a_series(name: str, table: str, condition: sa.TextClause) -> None:
    op.create_index(
        name,
        table,
        ["series_id"],
        unique=True,
        postgresql_where=condition,
        sqlite_where=condition,
    )


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=32)


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _allow_kinds(kinds: Sequence[str]) -> None:
    with op.batch_alter_table("task") as table:
        table.drop_constraint(op.f("ck_task_taskkind"), type_="check")
        table.create_check_constraint("taskkind", f"kind IN {tuple(kinds)}")


def downgrade() -> None:
    """Rules and what was decided by them is lost; spacings stay as they are."""
    op.execute(f"DELETE FROM task WHERE kind = '{ADDED[0]}'")  # noqa: S608 - a code of our own
    _allow_kinds(BEFORE)
    op.drop_table(PROPOSAL)
    op.drop_table(ORDER)
