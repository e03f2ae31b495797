"""a practitioner can be chosen

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    # Not by a batch: rebuilding the table on SQLite would drop its triggers.
    op.execute(
        "ALTER TABLE appointment ADD COLUMN practitioner_id INTEGER "
        "CONSTRAINT fk_appointment_practitioner_id REFERENCES resource (id)"
    )


def downgrade() -> None:
    op.drop_column("appointment", "practitioner_id")
