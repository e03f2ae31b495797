"""Requests that nobody meant: garbage in path, query, body, headers, cookies and method, from one seed."""

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from werkzeug.routing import Rule

MARK = "<zq'x=\">"  # must never come back as it is
METHODS = ("GET", "POST", "POST", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE")
TEXTS: Sequence[str] = (
    "", " ", "0", "1", "-1", "2147483648", "9223372036854775808", "9" * 400, "1e309", "NaN", "٣", "½",
    "true", "on", "null", "[]", "{}", "a\0b", "\0", "\r\nSet-Cookie: a=b", "\x7f", "\u202e\u200b", "\ufeff",
    "é" * 300, "😀" * 80, "x" * 20_000, "' OR 1=1 --", "%s%n%d", "{{7*7}}", "${7*7}", "../../etc/passwd",
    "//example.com", "https://example.com/", "javascript:alert(1)", "\\\\example.com", MARK, f"a{MARK}b",
    "2026-12-01", "2026-02-30", "0001-01-01", "9999-12-31", "2026-12-01T10:00:00-07:00", "2026-W49-2",
    "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "10:30", "25:61", "12/01/2026", "\ud800",
    "consultation", "infusion", "ahwatukee", "nowhere", "es", "psychosis", "+16025550142", "a@example.com",
)  # fmt: skip
JSON_VALUES: Sequence[Any] = (
    *(
        None,
        True,
        0,
        -1,
        2**63,
        1e308,
        [],
        {},
        [[]],
        {"": ""},
        [None] * 50,
        {"a": {"b": {"c": []}}},
    ),
    *TEXTS,
)
NAMES = (
    *(
        "start",
        "end",
        "date",
        "q",
        "next",
        "page",
        "location",
        "service",
        "language",
        "span",
        "form_key",
    ),
    *(
        "version",
        "patient",
        "screening",
        "answers",
        "reason",
        "plan",
        "Body",
        "From",
        "MessageSid",
        "a[]",
    ),
)
HEADERS: Mapping[str, Sequence[str]] = {
    "Accept-Language": ("es", "xx-YY;q=a", "*" * 500, MARK),
    "Accept": ("application/json", "text/html;q=x", MARK),
    "Accept-Encoding": ("br", "gzip;q=2", "identity;q=0"),
    "Content-Type": (
        "text/plain",
        "application/json; charset=x",
        "multipart/form-data",
        "a/b;=",
        MARK,
    ),
    "Idempotency-Key": ("1", "x" * 300, "é", MARK),
    "If-None-Match": ('"a"', "W/", "*", MARK),
    "If-Modified-Since": ("yesterday", "Thu, 01 Jan 1970 00:00:00 GMT"),
    "Range": ("bytes=0-1", "bytes=-", "lines=1"),
    "Referer": ("http://localhost/", "http://[", MARK),
    "Origin": ("null", "http://example.com", MARK),
    "X-Forwarded-For": ("1.2.3.4", "é", MARK),
    "X-Twilio-Signature": ("a", "é"),
    "Authorization": ("Bearer", "Bearer é", "Basic !"),
    "Content-Length": ("-1", "x"),
    "Host": ("localhost", "example.com:99999", MARK),
}
COOKIES = ("session", "__Host-session", "csrf_token", "language", "a")
VARIABLE = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class BrokenRequest:
    """One request, as a test client takes it; said again by its seed."""

    method: str
    path: str
    options: Mapping[str, Any]
    cookies: Mapping[str, str] = field(default_factory=dict)


class Garbage:
    """Makes requests to some addresses; `samples` are what there is, for some of the places in an address."""

    def __init__(self, seed: int, rules: Sequence[Rule], samples: Mapping[str, object]) -> None:
        self.dice, self.rules, self.samples = random.Random(seed), rules, samples
        self.names = list(NAMES)

    def request(self, fields: Mapping[str, str] | None = None, path: str = "") -> BrokenRequest:
        """Return a request to any address, or to `path` with the fields of its form, some of them broken."""
        body = self._broken_form(fields) if fields is not None else self._body()
        target = path or self._path() + self._query()
        options = {**body, "headers": self._headers()}
        method = "POST" if fields is not None else self.dice.choice(METHODS)
        has_cookie = self.dice.random() < 0.05
        cookies = {self.dice.choice(COOKIES): self._header_text()} if has_cookie else {}
        return BrokenRequest(method, target, options, cookies)

    def _text(self) -> str:
        return self.dice.choice(TEXTS)

    def _path(self) -> str:
        rule = self.dice.choice(self.rules)
        known = {name: str(value) for name, value in self.samples.items()}

        def fill(variable: re.Match[str]) -> str:
            name = variable.group().strip("<>").rpartition(":")[2]
            if name in known and self.dice.random() < 0.7:
                return quote(known[name])
            return quote(self._text()[:500].encode(errors="surrogatepass"), safe="")

        return VARIABLE.sub(fill, rule.rule)

    def _query(self) -> str:
        if self.dice.random() < 0.4:
            return ""
        pairs = (
            f"{self.dice.choice(self.names)}={quote(self._text()[:2000].encode(errors='surrogatepass'))}"
            for _ in range(self.dice.randrange(1, 4))
        )
        return "?" + "&".join(pairs) + self.dice.choice(("", "", "&%", "&=%ff"))

    def _fields(self) -> dict[str, str]:
        names = self.dice.sample(self.names, min(len(self.names), self.dice.randrange(1, 12)))
        return {name: self._form_text() for name in names}

    def _form_text(self) -> str:
        return self._text().encode(errors="replace").decode()

    def _broken_form(self, fields: Mapping[str, str]) -> dict[str, Any]:
        broken = dict(fields)
        for name in self.dice.sample(list(broken), min(len(broken), self.dice.randrange(3))):
            broken[name] = self._form_text()
        return {"data": broken}

    def _body(self) -> dict[str, Any]:
        match self.dice.randrange(5):
            case 0:
                return {"data": self.dice.randbytes(self.dice.randrange(200))}
            case 1:
                return {"data": json.dumps(self._value(3)), "content_type": "application/json"}
            case 2:
                return {"data": '{"a": "\\ud800", "b', "content_type": "application/json"}
            case _:
                return {"data": self._fields()}

    def _value(self, depth: int) -> Any:
        if depth == 0 or self.dice.random() < 0.2:
            return self.dice.choice(JSON_VALUES)
        names = self.dice.sample(self.names, min(len(self.names), 5))
        return {name: self._value(depth - 1) for name in names}

    def _headers(self) -> dict[str, str]:
        if self.dice.random() < 0.6:
            return {}
        names = self.dice.sample(list(HEADERS), 2)
        return {name: self.dice.choice(HEADERS[name]) for name in names}

    def _header_text(self) -> str:
        return self._text()[:500].encode("ascii", errors="replace").decode().replace("\r\n", " ")
