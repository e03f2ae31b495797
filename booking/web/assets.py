"""Static files have their content's version in their address, and are kept for a year under it."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request

CACHE_SECONDS = 365 * 24 * 3600  # seconds


def init_app(app: Flask) -> None:
    """Let `url_for('static', …)` write the version, and answers to it say how long to keep them."""
    app.url_defaults(add_version_to_url)
    app.after_request(set_cache_lifetime)


def add_version_to_url(endpoint: str, values: dict[str, Any]) -> None:
    """Give a static file's address the version that its content has now."""
    if endpoint == "static":
        values["v"] = file_version(values["filename"])


def file_version(filename: str) -> str:
    """Return the version of a static file; raises FileNotFoundError, for a page must not lack it."""
    path = Path(current_app.static_folder or "", filename)
    return _digest(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _digest(path: Path, _changed_at: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def set_cache_lifetime(response: Response) -> Response:
    """Let browsers keep a static file without asking, if it is the version that was asked for."""
    if request.endpoint == "static" and response.status_code in (200, 206, 304):
        filename = (request.view_args or {})["filename"]
        if request.args.get("v") == file_version(filename):
            response.cache_control.no_cache = None
            response.cache_control.public = True
            response.cache_control.max_age = CACHE_SECONDS
            response.cache_control.immutable = True
    return response
