"""Answers that a program need not be sent again while they are as it has them (RFC 9110, 13.1.2)."""

from hashlib import sha256

from flask import Response, request

CACHE_CONTROL = "no-cache"  # may be kept, and is asked for again before each use


def hash_content(content: bytes) -> str:
    """Return what is the same for the same content in every process (hex)."""
    return sha256(content).hexdigest()[:32]


def make_conditional(
    response: Response, etag: str | None = None, cache_control: str = CACHE_CONTROL
) -> Response:
    """Give an answer its ETag, by default of its content; without its body where the request has it.

    That is told by the ETag, or by a Last-Modified where the answer has one. A weak ETag: compressed by
    whichever method, it means the same.
    """
    response.headers["Cache-Control"] = cache_control
    response.set_etag(etag or hash_content(response.get_data()), weak=True)
    if "If-None-Match" in request.headers or response.last_modified is not None:
        response.make_conditional(request)
    return response
