"""the trail is searched

Revision ID: 0050
Revises: 0049
"""

from alembic import op

revision = "0050"
down_revision = "0049"
INDEXES = {"ix_audit_entry_actor": ["actor", "id"], "ix_audit_entry_at": ["at"]}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "audit_entry", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "audit_entry")
