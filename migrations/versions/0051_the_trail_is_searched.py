"""the trail is searched

Revision ID: 0051
Revises: 0050
"""

from alembic import op

revision = "0051"
down_revision = "0050"
INDEXES = {"ix_audit_entry_actor": ["actor", "id"], "ix_audit_entry_at": ["at"]}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "audit_entry", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "audit_entry")
