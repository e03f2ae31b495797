"""What the JSON API reads of a request besides its fields: the key and the object itself."""

import json
import re
from typing import Any

from flask import request

# Printable ASCII, as headers are (RFC 9110, 5.5); also the description's pattern (ECMA-262 reads it alike)
KEY_PATTERN = "^[!-~]([ -~]{0,253}[!-~])?$"


class MissingIdempotencyKey(ValueError):
    """The request has no Idempotency-Key of 1 to 255 printable ASCII characters."""


class NotJson(ValueError):
    """The body isn't a JSON object that names each member once."""


def parse_idempotency_key() -> str:
    """Return the request's Idempotency-Key; raise `MissingIdempotencyKey`."""
    key = request.headers.get("Idempotency-Key", "").strip(" \t")
    if not re.fullmatch(KEY_PATTERN, key):
        raise MissingIdempotencyKey
    return key


def parse_json_object() -> dict[str, Any]:
    """Return the request's JSON object; raise `NotJson`, also for one nested beyond reading."""
    data = parse_json()
    if not isinstance(data, dict):
        raise NotJson
    return data


def parse_json() -> Any:
    """Return the request's JSON, whatever it is; raise `NotJson`."""
    try:
        return json.loads(request.data, object_pairs_hook=_once_each) if request.is_json else None
    except (ValueError, RecursionError) as error:
        raise NotJson from error


def _once_each(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's members: which of two answers to one question was meant, nobody knows."""
    if len(dict(members)) < len(members):
        raise ValueError("a name twice")
    return dict(members)
