"""A database that something else has open is not restored over, and what to stop is said."""

from pathlib import Path

from flask import Flask
from sqlalchemy import NullPool, create_engine, select

from booking import clock
from booking.extensions import db
from booking.messaging.models import Message
from booking.storage.backing_up import make_backup
from booking.storage.sealed_files import generate_key, parse_keys
from tests.storage.conftest import close_all


def test_who_restores_over_a_database_in_use_is_told_what_to_stop(
    own_app: Flask, tmp_path: Path
) -> None:
    key = own_app.config["BACKUP_KEY"] = generate_key()
    path = make_backup(db.engine.url, tmp_path, parse_keys(key), clock.now()).path
    with create_engine(db.engine.url, poolclass=NullPool).connect() as connection:
        connection.execute(select(Message.id))
        close_all(own_app)
        restore = ["restore", "--replace", str(path)]
        result = own_app.test_cli_runner().invoke(args=restore, input="y\n")
    assert result.exit_code == 1
    assert "nothing was restored" in result.output
    assert "stop the web, its socket and the scheduler first" in result.output
