"""The blueprint that FHIR's addresses hang on, and what all of them ask of a request."""

from flask import Blueprint, Response, abort, jsonify, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_options_header

from booking.extensions import csrf
from booking.interchange.fhir.resources import Resource
from booking.web.outcomes import FHIR_JSON

blueprint = Blueprint("fhir", __name__, url_prefix="/fhir")
csrf.exempt(blueprint)  # no cookie proves anything here
VERSION = "4.0"  # of FHIR, as a media type says it
FORMATS = ("json", "application/json", FHIR_JSON)  # of `_format`; other media types we don't speak


@blueprint.before_request
def require_json() -> None:
    """Refuse a request that wants its answer in another form, as XML, or of another version of FHIR."""
    stated = request.args.get("_format")
    if stated is not None and parse_media_type(stated) not in FORMATS:
        abort(406)
    accepted = MIMEAccept(
        [(parse_media_type(text), quality) for text, quality in request.accept_mimetypes]
    )
    if stated is None and accepted and accepted.best_match(FORMATS[1:]) is None:
        abort(406)


def parse_media_type(text: str) -> str:
    """Return a media type without its parameters, as charset; "" for that of another version than R4."""
    media_type, parameters = parse_options_header(text)
    is_r4 = parameters.get("fhirversion", VERSION) == VERSION
    return media_type.lower() if is_r4 else ""


def answer(resource: Resource, status: int = 200) -> Response:
    """Return a resource as the answer to a request."""
    response = jsonify(resource)
    response.status_code, response.content_type = status, FHIR_JSON
    return response
