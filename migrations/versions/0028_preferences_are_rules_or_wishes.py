"""preferences are rules or wishes

What was asked for so far were wishes.

Revision ID: 0028
Revises: 0027
"""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
SERIES = sa.table(
    "infusion_series", sa.column("id", sa.Integer()), sa.column("preferences", sa.JSON())
)


def upgrade() -> None:
    _rewrite(_as_wishes)


def downgrade() -> None:
    _rewrite(_without_rules)


def _rewrite(change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(SERIES)).all():
        before = (
            row.preferences if isinstance(row.preferences, dict) else json.loads(row.preferences)
        )
        connection.execute(
            SERIES.update().where(SERIES.c.id == row.id).values(preferences=change(before))
        )


def _as_wishes(before: dict[str, Any]) -> dict[str, Any]:
    names = {"weekdays": "weekdays", "earliest": "from", "latest": "to"}
    if not names.keys() & before.keys():
        return before
    rather = {names[name]: value for name, value in before.items() if name in names}
    return {"only": {}, "rather": rather, "locations": []}


def _without_rules(before: dict[str, Any]) -> dict[str, Any]:
    if "rather" not in before:
        return before
    rather = before["rather"]
    return {
        "weekdays": rather.get("weekdays", [*range(7)]),
        "earliest": rather.get("from", "00:00"),
        "latest": rather.get("to", "23:59"),
    }
