"""The peer: a bare Flask app with a word, a page of links, and one POST that makes one durable insert."""

import os
import sqlite3
from typing import Any

import psycopg
from flask import Flask

app = Flask(__name__)
INSERT = "INSERT INTO bare (body) VALUES ('one line of text')"
TABLE = "CREATE TABLE IF NOT EXISTS bare (id {key} PRIMARY KEY, body TEXT)"
LINK = '<li><a href="/book/time?location=any&amp;day={{ day }}">{{ day }}</a></li>\n'
PAGE = app.jinja_env.from_string(
    f"<!doctype html><ul>{{% for day in days %}}{LINK}{{% endfor %}}</ul>"
)
LINK_BYTES = len(LINK.replace("{{ day }}", "2026-12-0001"))
_open: dict[str, Any] = {}


def connection() -> Any:
    """Return this process's connection: SQLite as durable as ours (WAL, FULL), or PostgreSQL."""
    if "it" not in _open:
        url = os.environ["BOOKING_DATABASE_URL"]
        if url.startswith("sqlite:///"):
            _open["it"] = sqlite3.connect(
                url.removeprefix("sqlite:///") + ".bare", isolation_level=None, timeout=15
            )
            _open["it"].execute("PRAGMA journal_mode=WAL")
            _open["it"].execute("PRAGMA synchronous=FULL")
            _open["it"].execute(TABLE.format(key="INTEGER"))
        else:
            _open["it"] = psycopg.connect(url, autocommit=True)
            _open["it"].execute(TABLE.format(key="SERIAL"))
    return _open["it"]


@app.get("/")
def hello() -> str:
    """Answer with five letters."""
    return "hello"


@app.get("/page/<int:size>")
def page(size: int) -> str:
    """Answer with a page of links of about so many bytes."""
    days = [f"2026-12-{number:04}" for number in range(size // LINK_BYTES)]
    return PAGE.render(days=days)


@app.post("/")
def insert() -> tuple[str, int]:
    """Write one row, durably."""
    connection().execute(INSERT)
    return "done", 201
