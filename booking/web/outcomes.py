"""Errors below /fhir/: an OperationOutcome of FHIR R4 for each."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, jsonify

FHIR_JSON = "application/fhir+json"
ISSUE_CODES = {  # http://hl7.org/fhir/R4/valueset-issue-type.html, by HTTP status
    400: "invalid",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    413: "too-long",
    415: "not-supported",
    422: "processing",
    429: "throttled",
    503: "transient",
}
Issue = Mapping[str, Any]


def build_issue(code: str, text: str, *, severity: str = "error", **members: Any) -> Issue:
    """Return one thing that is wrong, in words a person can act on."""
    return {"severity": severity, "code": code, "details": {"text": text}, **members}


def build_outcome(issues: Sequence[Issue]) -> dict[str, Any]:
    """Return an OperationOutcome."""
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def build_outcome_response(status: int, issues: Sequence[Issue]) -> Response:
    """Return what is wrong as the answer to a request."""
    response = jsonify(build_outcome(issues))
    response.status_code, response.content_type = status, FHIR_JSON
    return response


def outcome_of_status(status: int, text: str) -> Response:
    """Return the outcome of an HTTP error of which no more is known than its status."""
    return build_outcome_response(status, [build_issue(ISSUE_CODES.get(status, "exception"), text)])
