"""Many rows, made of one by PostgreSQL itself: visits, their claims, patients and messages.

At each location five visits a day, from a month ahead back into the past; each tenth visit is of another
patient, and each message is about one of the visits.
"""

from typing import Any

from sqlalchemy import text

from booking.extensions import db

COPY = """
INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(model) || changes)).*
FROM (SELECT * FROM {table} ORDER BY 1 LIMIT 1) AS model, ({changes}) AS made(changes)
"""
TIMES = """
SELECT number, number % :patients AS patient, places[1 + number % cardinality(places)] AS place,
    date_trunc('day', now()) + interval '16 hours'
    + make_interval(days => 30 - (number / cardinality(places) / 5)::int,
        hours => (number / cardinality(places) % 5)::int) AS starts_at
FROM generate_series(0, :count - 1) AS number,
    (SELECT array_agg(id ORDER BY id) AS places FROM location) AS all_places
"""
PATIENTS = """
SELECT jsonb_build_object('id', 1000 + number, 'family_name', 'Grown' || number,
    'family_key', 'grown' || number, 'phone', '+1602' || (2000000 + number),
    'email', 'p' || number || '@example.com')
FROM generate_series(0, :patients - 1) AS number
"""
APPOINTMENTS = f"""
SELECT jsonb_build_object('id', 1000 + number, 'reference', 'G' || number, 'token', 'token' || number,
    'uid', number || '@bench', 'patient_id', 1000 + patient, 'location_id', place,
    'starts_at', starts_at, 'ends_at', starts_at + interval '45 minutes',
    'local_date', (starts_at AT TIME ZONE 'America/Phoenix')::date,
    'status', CASE WHEN starts_at > now() THEN 'booked' ELSE 'fulfilled' END)
FROM ({TIMES}) AS visits
"""
CLAIMS = f"""
INSERT INTO claim (resource_id, appointment_id, starts_at, ends_at, pinned)
SELECT resource.id, 1000 + number, visits.starts_at, visits.starts_at + interval '55 minutes', false
FROM ({TIMES}) AS visits JOIN resource ON resource.location_id = place AND resource.kind = 'room'
"""
DERIVED = """
INSERT INTO derivation (appointment_id, version)
SELECT id, version FROM appointment WHERE id >= 1000
"""
MESSAGES = """
SELECT jsonb_build_object('id', 1000 + number, 'topic', 'appointment:' || (1000 + number % :count),
    'revision', number / :count, 'recipient', '+1602' || (2000000 + number % :count % :patients),
    'person', 'patient:' || (1000 + number % :count % :patients), 'status', 'delivered',
    'sent_at', now() - make_interval(mins => number::int),
    'send_at', now() - make_interval(mins => number::int))
FROM generate_series(0, :messages - 1) AS number
"""


def fill(appointments: int, messages: int) -> None:
    """Make so many of each."""
    sizes = {"count": appointments, "patients": appointments // 10, "messages": messages}
    _run(COPY.format(table="patient", changes=PATIENTS), sizes)
    _run(COPY.format(table="appointment", changes=APPOINTMENTS), sizes)
    _run(CLAIMS, sizes)
    _run(DERIVED, {})
    _run(COPY.format(table="message", changes=MESSAGES), sizes)


def _run(statement: str, sizes: dict[str, Any]) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(statement), sizes)
