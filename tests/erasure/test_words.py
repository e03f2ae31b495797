"""After an erasure no table holds a word of the patient's: each text column of each is looked through."""

import json
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import JSON, Column, Date, Enum, String, Table, text

from booking.erasure.operations import erase_patient
from booking.extensions import db
from tests.builders import NOW
from tests.migrations.rows import ROWS

WORD = "Quillfeather"
# Columns of text in which no word of a patient can stand: codes, keys, and what the clinic says of itself.
CODES = {
    "affected_patient": {"token"},
    "appointment": {"reference", "token", "uid", "time_zone", "needs", "exempt_rules", "held_from"},
    "appointment_change": {"actor"},
    "appointment_contact": {"language"},
    "attempt": {"provider_id", "error_code"},
    "flag": set(),
    "idempotency_key": {"scope", "key", "digest"},
    "inbound": {"provider_id", "recipient"},
    "infusion_series": {"phases", "preferences"},
    "interrupted_form": {"key", "path"},
    "message": {"topic", "kind", "person", "attachment_type", "language", "time_zone", "reason",
                "claimed_by", "provider_id", "error_code"},
    "mood_form": {"token"},
    "opt_out": {"source"},
    "email_preference": {"token"},
    "patient": {"language"},
    "patient_change": {"field"},
    "screening_response": {"language", "history_key"},
    "screening_submission": {"history_key"},
    "session": {"missed_slot"},
    "spacing_order": {"rule"},
    "series_revision": {"phases_before", "phases_after"},
    "task": {"subject_kind", "details"},
    "treatment_day": {"checks"},
    "waitlist_offer": {"token"},
    "outage_plan": {"moves"},
}  # fmt: skip
OF_THE_CLINIC = {
    *("audit_entry", "audit_seal", "busy_calendar", "calendar_feed", "clinic_load", "closure"),
    *("heartbeat", "location", "on_call_turn", "outage_case", "passkey", "passkey_challenge"),
    *("planner_rates", "questionnaire", "rate_window", "recovery_code", "reminder_policy"),
    *("resource", "schedule_template", "service", "sign_in_tries", "staff", "staff_device"),
    *("staff_invitation", "staff_session", "template_draft", "template_retirement"),
    *("template_signature", "totp_factor", "webhook_endpoint"),
}  # fmt: skip
NEVER_UPDATED = "screening_submission"  # has the word from the start
SETTLED = (
    "UPDATE appointment SET status = 'fulfilled', expires_at = NULL, patient_id = 1",
    "UPDATE infusion_series SET status = 'completed'",
    "UPDATE task SET done_at = created_at",
    "UPDATE message SET status = 'sent', person = 'patient:1'",
    f"UPDATE flag SET cleared_at = '{NOW:%Y-%m-%d %H:%M:%S}'",
    f"UPDATE legal_hold SET lifted_at = '{NOW:%Y-%m-%d %H:%M:%S}', lifted_by_id = 1",
    "UPDATE patient SET merged_into_id = 1 WHERE id = 2",
    "UPDATE screening_response SET history_key = 'browser'",
)


def word_columns() -> list[Column[Any]]:
    """Return the columns in which a word of a patient's may stand."""
    return [
        column
        for table in db.metadata.sorted_tables
        if table.name not in OF_THE_CLINIC
        for column in table.columns
        if is_text(column) and column.name not in CODES.get(table.name, set())
    ]


def is_text(column: Column[Any]) -> bool:
    kind = column.type
    return isinstance(kind, String | JSON) and not isinstance(kind, Enum)


def fill(table: Table, row: dict[str, Any]) -> None:
    """Insert a row as plain values; what has to be there and is not given is made up by its type."""
    made_up = {
        column.name: made_up_value(column)
        for column in table.columns
        if column.name not in row and not column.nullable and column.server_default is None
        and not column.primary_key
    }  # fmt: skip
    values = made_up | row
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    db.session.execute(text(f"INSERT INTO {table.name} ({names}) VALUES ({marks})"), values)


def made_up_value(column: Column[Any]) -> Any:
    if isinstance(column.type, JSON):
        return "{}"
    if isinstance(column.type, Date):
        return "2026-12-01"
    return "America/Phoenix" if column.name == "time_zone" else 1


@pytest.fixture
def everything(sqlite_app: Flask) -> None:
    """A row in every table, as migrations have them, all of one patient's and with a word of theirs."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in db.metadata.tables}
    for name, row in (each for of_revision in ROWS.values() for each in of_revision):
        rows[name].append(row)
    db.session.execute(text("PRAGMA foreign_keys=OFF"))
    for table in db.metadata.sorted_tables:
        for row in rows[table.name]:
            answers = {"answers": json.dumps({"say": WORD})} if table.name == NEVER_UPDATED else {}
            fill(table, row | answers)
    for statement in SETTLED:
        db.session.execute(text(statement))
    for column in word_columns():
        if column.table.name == NEVER_UPDATED:
            continue
        value = json.dumps({"say": WORD}) if isinstance(column.type, JSON) else WORD
        db.session.execute(
            text(f"UPDATE {column.table.name} SET {column.name} = :value"), {"value": value}
        )
    db.session.commit()


def tables_with_the_word() -> set[str]:
    db.session.rollback()
    return {
        f"{column.table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        if any(WORD.casefold() in str(value).casefold()
               for (value,) in db.session.execute(text(f"SELECT {column.name} FROM {table.name}")))
    }  # fmt: skip


@pytest.mark.usefixtures("everything")
def test_no_table_holds_a_word_of_somebody_who_was_erased() -> None:
    assert len(tables_with_the_word()) > 50
    erase_patient(1, NOW, "staff:1")
    assert tables_with_the_word() == set()
    born = db.session.execute(text("SELECT birth_date FROM patient")).scalars().all()
    assert str(date(1980, 2, 29)) not in {str(day) for day in born}
