"""programs are told

Revision ID: 0059
Revises: 0058
"""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
ENDPOINT, DELIVERY, OBSERVATION = "webhook_endpoint", "webhook_delivery", "webhook_observation"
UNSENT = sa.text("status IN ('planned', 'sending')")
KINDS = tuple(
    f"appointment.{name}"
    for name in ("booked", "moved", "cancelled", "arrived", "fulfilled", "noshow")
)
APPOINTMENT_STATUSES = ("pending", "booked", "arrived", "fulfilled", "cancelled", "noshow")
DELIVERY_STATUSES = ("planned", "sending", "delivered", "failed", "dropped")


def upgrade() -> None:
    _create_endpoints()
    _create_deliveries()
    _create_observations()


def _create_endpoints() -> None:
    op.create_table(
        ENDPOINT,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("secret_seed", sa.String(43), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True)),
        sa.Column("stopped_at", sa.DateTime(timezone=True)),
        _codes("stop_reason", "stopreason", ("by_hand", "failing", "gone"), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        _refers(ENDPOINT, "created_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{ENDPOINT}")),
    )


def _create_deliveries() -> None:
    op.create_table(
        DELIVERY,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("endpoint_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(43), nullable=False),
        _codes("kind", "eventkind", (*KINDS, "webhook.test")),
        sa.Column("appointment_id", sa.Integer()),
        sa.Column("body", sa.Text(), nullable=False),
        _codes("status", "deliverystatus", DELIVERY_STATUSES),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(80)),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.Column("status_code", sa.Integer()),
        sa.Column("error_code", sa.String(40)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "status <> 'sending' OR claimed_until IS NOT NULL",
            name=op.f(f"ck_{DELIVERY}_sending_has_a_lease"),
        ),
        _refers(DELIVERY, "endpoint_id", ENDPOINT),
        _refers(DELIVERY, "appointment_id", "appointment", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{DELIVERY}")),
        sa.UniqueConstraint(
            "endpoint_id", "event_id", name=op.f(f"uq_{DELIVERY}_endpoint_id_event_id")
        ),
    )
    op.create_index(
        f"ix_{DELIVERY}_due", DELIVERY, ["send_at"], postgresql_where=UNSENT, sqlite_where=UNSENT
    )
    op.create_index(f"ix_{DELIVERY}_appointment", DELIVERY, ["appointment_id", "endpoint_id"])
    op.create_index(f"ix_{DELIVERY}_endpoint", DELIVERY, ["endpoint_id", "id"])


def _create_observations() -> None:
    op.create_table(
        OBSERVATION,
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _codes("status", "observed_status", APPOINTMENT_STATUSES),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        _refers(OBSERVATION, "appointment_id", "appointment", ondelete="CASCADE"),
        _refers(OBSERVATION, "location_id", "location"),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f(f"pk_{OBSERVATION}")),
    )


def _codes(
    column: str, name: str, codes: tuple[str, ...], *, nullable: bool = False
) -> sa.Column[str]:
    kind = sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=32)
    return sa.Column(column, kind, nullable=nullable)


def _refers(
    table: str, column: str, target: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def downgrade() -> None:
    for table in (OBSERVATION, DELIVERY, ENDPOINT):
        op.drop_table(table)
