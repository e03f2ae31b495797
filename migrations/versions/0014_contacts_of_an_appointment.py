"""contacts of an appointment

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
WITH_PHONE = ("patient", "call_request", "flag")
MERGED = sa.text("merged_into_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "appointment_contact",
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("given_name", sa.String(length=80), nullable=False),
        sa.Column("family_name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_appointment_contact_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_appointment_contact")),
    )
    for column in ("phone", "email"):
        op.create_index(f"ix_appointment_contact_{column}", "appointment_contact", [column])
    _resize_phones(20, 32)
    op.create_index(
        "ix_patient_merged_into",
        "patient",
        ["merged_into_id"],
        postgresql_where=MERGED,
        sqlite_where=MERGED,
    )


def downgrade() -> None:
    """Extensions go: the older code could not read them."""
    op.drop_index("ix_patient_merged_into", "patient")
    for table in WITH_PHONE:
        rows = sa.table(table, sa.column("phone", sa.String()))
        cut = sa.func.substr(rows.c.phone, 1, _position(rows.c.phone) - 1)
        op.execute(rows.update().where(rows.c.phone.like("%;%")).values(phone=cut))
    _resize_phones(32, 20)
    op.drop_table("appointment_contact")


def _position(phone: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    """Return where an extension begins."""
    if op.get_bind().dialect.name == "sqlite":
        return sa.func.instr(phone, ";", type_=sa.Integer())
    return sa.func.strpos(phone, ";", type_=sa.Integer())


def _resize_phones(before: int, after: int) -> None:
    for table in WITH_PHONE:
        with op.batch_alter_table(table) as batch:
            batch.alter_column(
                "phone", existing_type=sa.String(length=before), type_=sa.String(length=after)
            )
