"""messages know their person

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from booking.db.transactions import UtcDateTime

revision = "0008"
down_revision = "0007"
PERSON_OF = """
    UPDATE message SET person = COALESCE(
        (SELECT 'patient:' || patient_id FROM {table} WHERE id = CAST(substr(topic, {begins}) AS INTEGER)),
        recipient
    )
    WHERE topic LIKE '{kind}:%'
"""
TABLES = {"appointment": "appointment", "series": "infusion_series"}  # by the kind of topic


def upgrade() -> None:
    """Who a message was for is read off what it was about, else it is the recipient."""
    op.add_column(
        "message", sa.Column("person", sa.String(length=254), server_default="", nullable=False)
    )
    op.add_column("message", sa.Column("details", sa.JSON(), server_default="{}", nullable=False))
    op.execute("UPDATE message SET person = recipient")
    for kind, table_name in TABLES.items():
        begins = len(kind) + 2  # the number, after the colon
        op.execute(PERSON_OF.format(table=table_name, kind=kind, begins=begins))
    op.create_index("ix_message_person", "message", ["person", "id"])
    op.drop_index("ix_message_failed", "message")
    _index("ix_message_undelivered", "status IN ('failed', 'unknown')")
    op.add_column("attempt", sa.Column("subject", sa.Text(), nullable=True))
    op.add_column("attempt", sa.Column("body", sa.Text(), nullable=True))
    op.add_column("appointment", sa.Column("revised_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("appointment", "revised_at")
    op.drop_column("attempt", "body")
    op.drop_column("attempt", "subject")
    op.drop_index("ix_message_undelivered", "message")
    op.drop_index("ix_message_person", "message")
    op.drop_column("message", "details")
    op.drop_column("message", "person")
    _index("ix_message_failed", "status = 'failed'")


def _index(name: str, where: str) -> None:
    op.create_index(
        name,
        "message",
        ["failed_at"],
        postgresql_where=sa.text(where),
        sqlite_where=sa.text(where),
    )
