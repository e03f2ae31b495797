"""The API's description (OpenAPI 3.1), its schemas taken from the very models that check requests."""

from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from booking.interchange.openapi_parts import (
    DAY,
    ETAG,
    IF_NONE_MATCH,
    KEY_PARAMETER,
    LOCATION,
    REF,
    RETRY_AFTER,
    SCHEMAS,
    SLUG,
    TOKEN_PARAMETER,
    WHOLE,
    describe_answer,
    describe_list,
    describe_problem_response,
    ref,
)
from booking.interchange.schemas import MAX_SLOT_DAYS, AppointmentBody, MoveBody
from booking.languages import LANGUAGES

DESCRIPTION = (
    "Free times, and booking, reading, moving and cancelling a visit. Times carry their offset from UTC. "
    f"Texts are in the language of Accept-Language: {', '.join(LANGUAGES)}; without, in the service's own. "
    "A patient is written to in the language of the request that booked. "
    "A name in a query or a body that isn't read there is refused. "
    "Refusals are problems of RFC 9457; one of 429 or 503 says after how many seconds to try again."
)
OPERATIONS = {"get": "getAppointment", "move": "moveAppointment", "cancel": "cancelAppointment"}


@cache
def build_openapi() -> dict[str, Any]:
    """Return the whole description."""
    _, schemas = models_json_schema(
        [(model, "validation") for model in (AppointmentBody, MoveBody)],
        ref_template=REF,
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Booking", "version": "1", "description": DESCRIPTION},
        "paths": _paths(),
        "components": {"schemas": {**schemas["$defs"], **SCHEMAS}},
    }


def _paths() -> dict[str, Any]:
    return {
        "/api/v1/locations": _read(
            "List the locations", describe_list("locations", ref("Location"))
        ),
        "/api/v1/services": _read(
            "List what can be booked; minutes, days and US cents",
            describe_list("services", ref("Service")),
        ),
        "/api/v1/screening": _read(
            'List the safety questions; "no" to all of them goes on',
            describe_list("questions", ref("Question"), version=WHOLE),
        ),
        "/api/v1/slots": _slots(),
        "/api/v1/appointments": {"post": _booking()},
        "/api/v1/appointments/{token}": {"get": _own(), "parameters": [TOKEN_PARAMETER]},
        "/api/v1/appointments/{token}/move": {
            "post": _own_change("move", "Move the visit", ref("MoveBody")),
            "parameters": [TOKEN_PARAMETER],
        },
        "/api/v1/appointments/{token}/cancel": {
            "post": _own_change(
                "cancel", "Cancel the visit", {"type": "object", "maxProperties": 0}
            ),
            "parameters": [TOKEN_PARAMETER],
        },
    }


def _read(summary: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "get": {
            "summary": summary,
            "parameters": [IF_NONE_MATCH],
            "responses": {
                "200": describe_answer("As it is now", schema, ETAG),
                "304": {"description": "As the request's If-None-Match has it", "headers": ETAG},
                "422": describe_problem_response("A name in the query is none that is read here"),
            },
        }
    }


def _slots() -> dict[str, Any]:
    path = _read(
        f"List free slots of up to {MAX_SLOT_DAYS} days", describe_list("slots", ref("Slot"))
    )
    path["get"]["parameters"] = [
        {"name": "service", "in": "query", "required": True, "schema": SLUG},
        {"name": "location", "in": "query", "schema": {"type": "array", "items": SLUG}},
        {"name": "start", "in": "query", "required": True, "schema": DAY},
        {"name": "end", "in": "query", "required": True, "schema": DAY},
        IF_NONE_MATCH,
    ]
    path["get"]["responses"] |= {
        "400": describe_problem_response("Not to be read"),
        "422": describe_problem_response("A field is wrong"),
    }
    return path


def _booking() -> dict[str, Any]:
    at_location = "$response.header.Location#regex:/appointments/(.+)$"
    booked = describe_answer("Booked; the same again for a repeated key", ref("Booked"), LOCATION)
    return {
        "operationId": "bookAppointment",
        "summary": "Book a visit, once for each key",
        "parameters": [KEY_PARAMETER],
        "requestBody": _body(ref("AppointmentBody")),
        "responses": {
            "201": booked | {"links": _links(at_location, "get", "move", "cancel")},
            **_refusals("The time is no longer free"),
            "422": describe_problem_response(
                "A field is wrong, the answers stop, or the key had another body"
            ),
        },
    }


def _own() -> dict[str, Any]:
    links = _links("$request.path.token", "move", "cancel")
    return {
        "operationId": "getAppointment",
        "summary": "Read a visit by the token of its manage_url",
        "responses": {
            "200": describe_answer("As it is now", ref("Booked")) | {"links": links},
            "400": describe_problem_response("Not to be read"),
            "404": describe_problem_response("Unknown"),
            "422": describe_problem_response("A name in the query is none that is read here"),
            "429": describe_problem_response("Too many requests", RETRY_AFTER),
        },
    }


def _own_change(change: str, summary: str, body: dict[str, Any]) -> dict[str, Any]:
    links = _links("$request.path.token", "get", "cancel")
    changed = describe_answer("Done; the same again for a repeated key", ref("Booked"))
    return {
        "operationId": OPERATIONS[change],
        "summary": f"{summary}, once for each key",
        "parameters": [KEY_PARAMETER],
        "requestBody": _body(body),
        "responses": {
            "200": changed | {"links": links},
            **_refusals("The time is no longer free, or the visit can't be changed this way"),
            "404": describe_problem_response("Unknown"),
            "422": describe_problem_response("A field is wrong, or the key had another body"),
        },
    }


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _refusals(conflict: str) -> dict[str, Any]:
    """Return what anything that changes a visit may be refused with."""
    return {
        "400": describe_problem_response("No key, or no JSON"),
        "409": describe_problem_response(conflict),
        "413": describe_problem_response("More than 64 KiB"),
        "429": describe_problem_response("Too many requests", RETRY_AFTER),
    }


def _links(token: str, *names: str) -> dict[str, Any]:
    """Return links to what can be done next with the visit of a token (a runtime expression)."""
    return {
        name: {"operationId": OPERATIONS[name], "parameters": {"token": token}} for name in names
    }
