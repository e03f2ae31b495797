"""The API's description (OpenAPI 3.1), its schemas taken from the very models that check requests."""

from typing import Any

from pydantic.json_schema import models_json_schema

from booking.interchange.schemas import AppointmentBody, MoveBody, SlotsQuery
from booking.languages import LANGUAGES

REF = "#/components/schemas/{model}"
SLOT = {
    "type": "object",
    "required": ["start", "end", "location", "service"],
    "properties": {
        "start": {"type": "string", "format": "date-time"},
        "end": {"type": "string", "format": "date-time"},
        "location": {"type": "string"},
        "service": {"type": "string"},
    },
}
BOOKED = {
    "type": "object",
    "required": ["reference", "status", "start", "end", "location", "manage_url"],
    "properties": {
        "reference": {"type": "string"},
        "status": {"enum": ["booked", "arrived", "fulfilled", "cancelled", "noshow"]},
        "start": {"type": "string", "format": "date-time"},
        "end": {"type": "string", "format": "date-time"},
        "location": {"type": "string"},
        "manage_url": {"type": "string", "format": "uri"},
    },
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
        "alternatives": {"type": "array", "items": {"$ref": REF.format(model="Slot")}},
    },
}


KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
TOKEN = {"name": "token", "in": "path", "required": True, "schema": {"type": "string"}}

LANGUAGE_NOTE = (
    f"Texts are in the language of Accept-Language: {', '.join(LANGUAGES)}; without, in the service's own. "
    "A patient is written to in the language of the request that booked."
)


def build_openapi() -> dict[str, Any]:
    """Return the whole description."""
    _, schemas = models_json_schema(
        [(model, "validation") for model in (AppointmentBody, MoveBody, SlotsQuery)],
        ref_template=REF,
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Booking", "version": "1", "description": LANGUAGE_NOTE},
        "paths": _paths(),
        "components": {
            "schemas": {
                **schemas["$defs"],
                "Slot": SLOT,
                "Booked": BOOKED,
                "Problem": PROBLEM,
            }
        },
    }


def _paths() -> dict[str, Any]:
    return {
        "/api/v1/locations": {"get": _get("List the locations", _list_of("locations"))},
        "/api/v1/services": {"get": _get("List the services", _list_of("services"))},
        "/api/v1/screening": {"get": _get("List the safety questions", _list_of("questions"))},
        "/api/v1/slots": {
            "get": _get("List free slots", _list_of("slots", _ref("Slot")))
            | {"parameters": _slot_parameters()}
        },
        "/api/v1/appointments": {"post": _booking()},
        "/api/v1/appointments/{token}": {"get": _own(), "parameters": [TOKEN]},
        "/api/v1/appointments/{token}/move": {
            "post": _own_change("Move the visit", _ref("MoveBody")),
            "parameters": [TOKEN],
        },
        "/api/v1/appointments/{token}/cancel": {
            "post": _own_change("Cancel the visit", {"type": "object", "maxProperties": 0}),
            "parameters": [TOKEN],
        },
    }


def _ref(model: str) -> dict[str, str]:
    return {"$ref": REF.format(model=model)}


def _list_of(name: str, items: dict[str, Any] | None = None) -> dict[str, Any]:
    schema = {"type": "array", "items": items or {"type": "object"}}
    return {"type": "object", "required": [name], "properties": {name: schema}}


def _get(summary: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": summary,
        "responses": {"200": _answer("Found", schema), "422": _problem()},
    }


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": schema}},
    }


def _problem(description: str = "Refused") -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _ref("Problem")}}
    return {"description": description, "content": content}


def _slot_parameters() -> list[dict[str, Any]]:
    day = {"type": "string", "format": "date"}
    slug = {"type": "string"}
    return [
        {"name": "service", "in": "query", "required": True, "schema": slug},
        {"name": "location", "in": "query", "schema": {"type": "array", "items": slug}},
        {"name": "start", "in": "query", "required": True, "schema": day},
        {"name": "end", "in": "query", "required": True, "schema": day},
    ]


def _booking() -> dict[str, Any]:
    return {
        "summary": "Book a visit, once for each key",
        "parameters": [KEY],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _ref("AppointmentBody")}},
        },
        "responses": {
            "201": _answer("Booked; the same again for a repeated key", _ref("Booked")),
            "400": _problem("No key, or no JSON"),
            "409": _problem("The time is no longer free"),
            "422": _problem("A field is wrong, the answers stop, or the key had another body"),
            "429": _problem("Too many requests"),
        },
    }


def _own() -> dict[str, Any]:
    return {
        "summary": "Read a visit by the token of its manage_url",
        "responses": {"200": _answer("Found", _ref("Booked")), "404": _problem("Unknown")},
    }


def _own_change(summary: str, body: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": body}}
    return {
        "summary": f"{summary}, once for each key",
        "parameters": [KEY],
        "requestBody": {"required": True, "content": content},
        "responses": {
            "200": _answer("Done; the same again for a repeated key", _ref("Booked")),
            "400": _problem("No key, or no JSON"),
            "404": _problem("Unknown"),
            "409": _problem("The time is no longer free, or the visit can't be changed this way"),
            "422": _problem("A field is wrong, or the key had another body"),
            "429": _problem("Too many requests"),
        },
    }
