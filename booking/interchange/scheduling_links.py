"""SMART Scheduling Links: free times as files that search engines for appointments fetch again and again.

https://github.com/smart-on-fhir/smart-scheduling-links
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, jsonify, url_for

from booking import clock
from booking.access import Access, access
from booking.interchange.conditional import make_conditional
from booking.interchange.fhir.resources import public_url
from booking.interchange.publication import Publication, PublishedFile, get_publication
from booking.web.limits import count_read

blueprint = Blueprint("scheduling_links", __name__)
READS_ALLOWED = "1200 per hour"  # of one address, of each kind of page
CACHE_CONTROL = "public, max-age=60"  # how often it is worth asking again; booking looks anew
WHOLE_SECOND = timedelta(seconds=1)


@blueprint.get("/$bulk-publish")
@access(Access.PUBLIC)
def show_manifest() -> Response:
    """List the files."""
    count_read(READS_ALLOWED)
    publication = get_publication(clock.now())
    manifest = {
        "transactionTime": publication.made_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "request": public_url() + url_for(".show_manifest"),
        "output": [_describe(name, file) for name, file in publication.files.items()],
        "error": [],
    }
    return _publish(jsonify(manifest), publication, publication.etag)


def _describe(name: str, file: PublishedFile) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "type": file.kind,
        "url": public_url() + url_for(".show_file", name=name),
    }
    return entry | ({"extension": {"state": file.states}} if file.states else {})


@blueprint.get("/scheduling/<name>.ndjson")
@access(Access.PUBLIC)
def show_file(name: str) -> Response:
    """Show a file: a resource a line."""
    count_read(READS_ALLOWED)
    publication = get_publication(clock.now())
    file = publication.files.get(name) or abort(404)
    response = Response(file.text, content_type="application/fhir+ndjson")
    return _publish(response, publication, file.etag)


def _publish(response: Response, publication: Publication, etag: str) -> Response:
    """Say when a file was made, once nothing else of the same second can follow (RFC 9110, 8.8.2.2)."""
    if _is_settled(publication.made_at):
        response.last_modified = publication.made_at
    response.headers["Access-Control-Allow-Origin"] = "*"  # anybody may read it, from any page
    return make_conditional(response, etag, CACHE_CONTROL)


def _is_settled(made_at: datetime) -> bool:
    return clock.now() - made_at >= WHOLE_SECOND
