"""What the loopback provider remembers: texts both ways, e-mails, and numbers that said STOP."""

import json
import secrets
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from booking import clock

SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (kind TEXT, id TEXT, at INTEGER, data TEXT, PRIMARY KEY (kind, id));
"""


@dataclass(slots=True)
class Text:
    """One text. `direction`: outbound-api, outbound-reply or inbound. Times: ISO 8601."""

    sid: str
    direction: str
    sender: str
    to: str
    body: str
    status: str
    date_created: str
    date_updated: str
    date_sent: str | None = None
    error_code: int | None = None
    status_callback: str | None = None
    messaging_service_sid: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail, as it was handed over."""

    id: str
    sender: str
    to: str
    subject: str
    body: str
    attachment: str | None
    attachment_type: str | None
    message_id: str
    date_created: str


class Store:
    """Everything the provider has, in memory; in an SQLite file too when one is named.

    Safe between threads. Texts and mails keep the order in which they came.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._texts: dict[str, Text] = {}
        self._mails: dict[str, Mail] = {}
        self._stopped: set[str] = set()
        self._file = _open(file) if file else None
        self._load()

    def add_text(self, text: Text) -> None:
        """Remember a text."""
        with self._lock:
            self._texts[text.sid] = text
            self._keep("text", text.sid, text)

    def change_text(self, sid: str, status: str, error_code: int | None = None) -> Text:
        """Move a text to `status`, and return it."""
        with self._lock:
            text = self._texts[sid]
            text.status, text.error_code, text.date_updated = (
                status,
                error_code,
                moment(),
            )
            if status not in ("queued", "accepted"):
                text.date_sent = text.date_sent or text.date_updated
            self._keep("text", sid, text)
            return text

    def text(self, sid: str) -> Text | None:
        """Return one text, if there is one."""
        return self._texts.get(sid)

    def newest_first(self, matches: Callable[[Text], bool]) -> list[Text]:
        """Return the texts that are `matches`, the newest first, as Twilio lists them."""
        with self._lock:
            return [text for text in reversed(self._texts.values()) if matches(text)]

    def add_mail(self, mail: Mail) -> None:
        """Remember an e-mail."""
        with self._lock:
            self._mails[mail.id] = mail
            self._keep("mail", mail.id, mail)

    def mails(self, message_id: str) -> list[Mail]:
        """Return the e-mails with this Message-ID, oldest first."""
        with self._lock:
            return [mail for mail in self._mails.values() if mail.message_id == message_id]

    def stop(self, number: str) -> None:
        """Refuse texts to `number` from now on."""
        with self._lock:
            self._stopped.add(number)
            self._keep("stopped", number, None)

    def start(self, number: str) -> None:
        """Let texts to `number` through again."""
        with self._lock:
            self._stopped.discard(number)
            if self._file:
                self._file.execute("DELETE FROM kept WHERE kind = 'stopped' AND id = ?", (number,))

    def has_stopped(self, number: str) -> bool:
        """Tell whether `number` said STOP."""
        return number in self._stopped

    def log(self) -> dict[str, list[object]]:
        """Return everything as JSON data: texts and mails oldest first, and who said STOP."""
        with self._lock:
            return {
                "texts": [_readable(text) for text in self._texts.values()],
                "mails": [_readable(mail) for mail in self._mails.values()],
                "stopped": [*sorted(self._stopped)],
            }

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._file:
                self._file.close()
                self._file = None

    def _keep(self, kind: str, key: str, thing: Text | Mail | None) -> None:
        if self._file is None:
            return
        data = json.dumps(asdict(thing)) if thing else "{}"
        self._file.execute(
            "INSERT INTO kept VALUES (?, ?, (SELECT count(*) FROM kept), ?)"
            " ON CONFLICT (kind, id) DO UPDATE SET data = excluded.data",
            (kind, key, data),
        )

    def _load(self) -> None:
        if self._file is None:
            return
        for kind, key, data in self._file.execute("SELECT kind, id, data FROM kept ORDER BY at"):
            if kind == "text":
                self._texts[key] = Text(**json.loads(data))
            elif kind == "mail":
                self._mails[key] = Mail(**json.loads(data))
            else:
                self._stopped.add(key)


def moment() -> str:
    """Return now as ISO 8601 in UTC, to the microsecond."""
    return clock.now().isoformat()


def new_sid(prefix: str) -> str:
    """Return an identifier in Twilio's shape: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def _readable(thing: Text | Mail) -> dict[str, object]:
    data = asdict(thing)
    return {"from": data.pop("sender"), **data}


def _open(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executescript(SCHEMA)
    return connection
