"""An empty database that is upgraded on from revision to revision, and copied at each."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from flask_migrate import upgrade

from tests.migrations.conftest import app_on_empty
from tests.postgresql_server import create_database, drop_database, url_of


class GrowingDatabase:
    """One of either kind, at the revision it was last copied at; SQLite's are files in `folder`."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._is_sqlite, self._folder = kind == "sqlite", folder
        self._name, self._revision = f"growing_{uuid4().hex}", ""

    @contextmanager
    def copied_at(self, revision: str) -> Iterator[str]:
        """Give the URL of an empty database at a revision, and drop it afterwards."""
        self._upgrade(revision)
        name = f"{self._name}_{revision}"
        self._make(name, self._name)
        try:
            yield self._url(name)
        finally:
            self._drop(name)

    def drop(self) -> None:
        """Drop it, if it is there; the next copy begins anew."""
        self._drop(self._name)
        self._revision = ""

    def _upgrade(self, revision: str) -> None:
        if revision < self._revision:
            self.drop()
        if not self._revision:
            self._make(self._name)
        with app_on_empty(self._url(self._name)):
            upgrade(revision=revision)
        self._revision = revision

    def _make(self, name: str, source: str = "") -> None:
        if not self._is_sqlite:
            create_database(name, source or "template0")
        elif source:
            shutil.copyfile(self._file(source), self._file(name))

    def _drop(self, name: str) -> None:
        if self._is_sqlite:
            self._file(name).unlink(missing_ok=True)
        else:
            drop_database(name)

    def _url(self, name: str) -> str:
        return f"sqlite:///{self._file(name)}" if self._is_sqlite else url_of(name)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.sqlite3"
