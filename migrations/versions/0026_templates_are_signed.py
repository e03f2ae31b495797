"""templates are signed

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

from booking.db.constraints import append_only
from booking.db.transactions import UtcDateTime

revision = "0026"
down_revision = "0025"
SIGNATURE, DRAFT, RETIREMENT = "template_signature", "template_draft", "template_retirement"
LOAD_COLUMNS = ("heading", "templates")  # of what a load left


def upgrade() -> None:
    _create_signatures()
    _create_drafts()
    _create_retirements()
    for column in LOAD_COLUMNS:
        op.add_column("clinic_load", sa.Column(column, sa.JSON(none_as_null=True), nullable=True))


def _create_signatures() -> None:
    op.create_table(
        SIGNATURE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("signed_by_id", sa.Integer(), nullable=False),
        sa.Column("signer_name", sa.String(length=120), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        _refers_to(SIGNATURE, "template_id", "schedule_template"),
        _refers_to(SIGNATURE, "signed_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{SIGNATURE}")),
        sa.UniqueConstraint("template_id", name=op.f(f"uq_{SIGNATURE}_template_id")),
    )
    for statement in append_only(SIGNATURE).create(op.get_bind().dialect.name):
        op.execute(statement)


def _create_drafts() -> None:
    op.create_table(
        DRAFT,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("saved_by_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        _refers_to(DRAFT, "saved_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{DRAFT}")),
        sa.UniqueConstraint("slug", name=op.f(f"uq_{DRAFT}_slug")),
    )


def _create_retirements() -> None:
    op.create_table(
        RETIREMENT,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("retired_by_id", sa.Integer(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=False),
        sa.Column("reinstated_by_id", sa.Integer(), nullable=True),
        sa.Column("reinstated_at", UtcDateTime(), nullable=True),
        _refers_to(RETIREMENT, "retired_by_id", "staff"),
        _refers_to(RETIREMENT, "reinstated_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{RETIREMENT}")),
    )
    op.create_index(f"ix_{RETIREMENT}_slug", RETIREMENT, ["slug"])


def _refers_to(table: str, column: str, other_table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other_table}.id"], name=op.f(f"fk_{table}_{column}")
    )


def downgrade() -> None:
    """Versions stay; who signed them, drafts, and why some are retired is lost."""
    for column in LOAD_COLUMNS:
        op.drop_column("clinic_load", column)
    op.drop_table(RETIREMENT)
    op.drop_table(DRAFT)
    for statement in append_only(SIGNATURE).drop(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table(SIGNATURE)
