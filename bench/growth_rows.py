"""Many rows, made of one by PostgreSQL itself: visits, their claims, patients and messages.

At each location five visits a day, from a month ahead back into the past; each tenth visit is of another
patient, and each message is about one of the visits. As for any large load, what PostgreSQL would do for each
row (indexes, foreign keys) is done for all of them at the end.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, text

from booking.extensions import db

TIMES = """
SELECT number, number % :patients AS patient, places[1 + number % cardinality(places)] AS place,
    date_trunc('day', now()) + interval '16 hours'
    + make_interval(days => 30 - (number / cardinality(places) / 5)::int,
        hours => (number / cardinality(places) % 5)::int) AS starts_at
FROM generate_series(0, :count - 1) AS number,
    (SELECT array_agg(id ORDER BY id) AS places FROM location) AS all_places
"""
PATIENTS = {
    "id": "1000 + number", "birth_date": "date '1940-01-01' + (number % 22000)::int",
    "family_name": "'Grown' || number", "family_key": "'grown' || number",
    "phone": "'+1602' || (2000000 + number)", "email": "'p' || number || '@example.com'",
}  # fmt: skip
APPOINTMENTS = {
    "id": "1000 + number", "reference": "'G' || number", "token": "'token' || number",
    "uid": "number || '@bench'", "patient_id": "1000 + patient", "location_id": "place",
    "starts_at": "made.starts_at", "ends_at": "made.starts_at + interval '45 minutes'",
    "local_date": "(made.starts_at AT TIME ZONE 'America/Phoenix')::date",
    "status": "CASE WHEN made.starts_at > now() THEN 'booked' ELSE 'fulfilled' END",
}  # fmt: skip
MESSAGES = {
    "id": "1000 + number", "topic": "'appointment:' || (1000 + number % :count)",
    "revision": "number / :count", "recipient": "'+1602' || (2000000 + number % :count % :patients)",
    "person": "'patient:' || (1000 + number % :count % :patients)", "status": "'delivered'",
    "sent_at": "now() - make_interval(mins => number::int)",
    "send_at": "now() - make_interval(mins => number::int)",
}  # fmt: skip
CLAIMS = f"""
INSERT INTO claim (resource_id, appointment_id, starts_at, ends_at, pinned)
SELECT resource.id, 1000 + number, visits.starts_at, visits.starts_at + interval '55 minutes', false
FROM ({TIMES}) AS visits JOIN resource ON resource.location_id = place AND resource.kind = 'room'
"""
DERIVED = """
INSERT INTO derivation (appointment_id, version)
SELECT id, version FROM appointment WHERE id >= 1000
"""
INDEXES = """
SELECT index.indexrelid::regclass, pg_get_indexdef(index.indexrelid) FROM pg_index AS index
WHERE index.indrelid IN ('patient'::regclass, 'appointment'::regclass, 'claim'::regclass, 'message'::regclass)
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = index.indexrelid)
"""


def fill(appointments: int, messages: int) -> None:
    """Make so many of each."""
    sizes = {"count": appointments, "patients": appointments // 10, "messages": messages}
    with db.engine.begin() as connection, _without_indexes(connection):
        statements = (
            _copies(connection, "patient", PATIENTS, _numbers("patients")),
            _copies(connection, "appointment", APPOINTMENTS, TIMES),
            CLAIMS,
            DERIVED,
            _copies(connection, "message", MESSAGES, _numbers("messages")),
        )
        for statement in statements:
            connection.execute(text(statement), sizes)


@contextmanager
def _without_indexes(connection: Connection) -> Iterator[None]:
    """Drop the large tables' indexes and leave out foreign keys' checks, and make the indexes again."""
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    indexes = connection.execute(text(INDEXES)).all()
    for name, _definition in indexes:
        connection.execute(text(f"DROP INDEX {name}"))
    yield
    connection.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
    for _name, definition in indexes:
        connection.execute(text(definition))


def _numbers(last: str) -> str:
    return f"SELECT number FROM generate_series(0, :{last} - 1) AS number"


def _copies(connection: Connection, table: str, values: Mapping[str, str], source: str) -> str:
    """Return what copies a table's first row for each row of `source`, but for these columns' `values`."""
    columns = connection.execute(
        text("SELECT attname FROM pg_attribute WHERE attrelid = :table ::regclass AND attnum > 0"
             " AND NOT attisdropped"), {"table": table},
    ).scalars().all()  # fmt: skip
    copied = ", ".join(values.get(column, f"model.{column}") for column in columns)
    return f"""
        INSERT INTO {table} ({", ".join(columns)}) SELECT {copied}
        FROM (SELECT * FROM {table} ORDER BY 1 LIMIT 1) AS model, ({source}) AS made
    """
