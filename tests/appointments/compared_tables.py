"""What all tables hold, but for what only records or counts: to compare a state with one before it."""

from booking.db.statements import on_sqlite
from booking.extensions import db

# The trail and the changes themselves say what was done and undone
LEFT_OUT = {"audit_entry", "audit_seal", "appointment_change", "calendar_day"}
COUNTERS = {"appointment": "version", "claim": "id"}
Tables = dict[str, list[str]]


def read_tables() -> Tables:
    """Return the rows of each table that has any, in an order of their own."""
    db.session.rollback()
    names = sorted(db.metadata.tables.keys() - LEFT_OUT)
    tables = _read_sqlite(names) if on_sqlite() else _read_postgresql(names)
    return {name: sorted(rows) for name, rows in tables.items() if rows}


def _read_sqlite(names: list[str]) -> Tables:
    tables = {}
    for name in names:
        cursor = db.session.connection().connection.cursor()
        cursor.execute(f"SELECT * FROM {name}")
        columns = [column[0] for column in cursor.description]
        hidden = COUNTERS.get(name)
        tables[name] = [
            str({k: v for k, v in zip(columns, row, strict=True) if k != hidden})
            for row in cursor.fetchall()
        ]
    return tables


def _read_postgresql(names: list[str]) -> Tables:
    each = (
        f"SELECT '{name}', array_agg((to_jsonb(t) - '{COUNTERS.get(name, '')}')::text) FROM {name} AS t"
        for name in names
    )
    rows = db.session.connection().exec_driver_sql(" UNION ALL ".join(each)).all()
    return {name: texts or [] for name, texts in rows}
