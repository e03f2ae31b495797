"""Texts leave compressed, where that can't give away what is in them (docs/decisions)."""

from collections.abc import Mapping

from flask import Flask, Response, g, request
from flask_compress import Compress

compress = Compress()
MORE_TYPES = [
    *("text/calendar", "application/problem+json"),
    *("application/fhir+json", "application/fhir+ndjson"),
]


def init_app(app: Flask) -> None:
    """Compress by what the browser takes: brotli, else gzip."""
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],
    )
    compress.init_app(app)
    compress.compress_mimetypes_set.update(MORE_TYPES)
    app.after_request(compress_response)


def allow_compression(own_values: Mapping[str, str | None]) -> None:
    """Let this answer be compressed although it has a query, when that says no more than `own_values`.

    Those are the address's values as the page itself writes them: a guess is none of these.
    """
    pairs = request.args.items(multi=True)
    g.says_nothing_new = all(own_values.get(name) == value for name, value in pairs)


def compress_response(response: Response) -> Response:
    """Compress an answer, save one to somebody's cookie that may repeat what an address said (BREACH).

    A static file repeats nothing: the version in its address is for browsers alone.
    """
    has_session = bool(request.cookies)
    is_known = request.endpoint == "static" or g.get("says_nothing_new", False)
    if has_session and request.query_string and not is_known:
        return response
    compressed: Response = compress.after_request(response)
    return compressed
