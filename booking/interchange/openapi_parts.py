"""What the API's description is made of (OpenAPI 3.1): what is answered, its headers, the parameters."""

from typing import Any

from booking.interchange.requests import KEY_PATTERN

REF = "#/components/schemas/{model}"
TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
INSTANT = {"type": "string", "format": "date-time"}
DAY = {"type": "string", "format": "date"}
SLUG = {"type": "string", "pattern": "^[a-z0-9-]{1,40}$"}
# URL-safe base64, as our tokens are; another one is nobody's
TOKEN = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}


def ref(model: str) -> dict[str, str]:
    """Return a reference to a schema of the description."""
    return {"$ref": REF.format(model=model)}


def describe_object(**members: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object that always has all of these members."""
    return {"type": "object", "required": list(members), "properties": members}


def describe_list(name: str, entry: dict[str, Any], **more: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object with a list of entries under a name."""
    return describe_object(**more, **{name: {"type": "array", "items": entry}})


SCHEMAS: dict[str, dict[str, Any]] = {
    "Location": describe_object(slug=SLUG, name=TEXT, time_zone=TEXT, address=TEXT, phone=TEXT),
    "Service": describe_object(
        slug=SLUG, name=TEXT, minutes=WHOLE, notice_minutes=WHOLE, horizon_days=WHOLE,
        price_cents={"type": ["integer", "null"]}, bookable_online={"type": "boolean"},
    ),
    "Question": describe_object(slug=SLUG, text=TEXT),
    "Slot": describe_object(start=INSTANT, end=INSTANT, location=SLUG, service=SLUG),
    "Booked": describe_object(
        reference=TEXT,
        status={"enum": ["booked", "arrived", "fulfilled", "cancelled", "noshow"]},
        start=INSTANT,
        end=INSTANT,
        location=SLUG,
        manage_url={"type": "string", "format": "uri"},
    ),
    "Problem": {
        "description": "RFC 9457; `errors` has an entry for each field that is wrong, `alternatives` the "
        "nearest times that are free.",
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": TEXT,
            "status": WHOLE,
            "detail": TEXT,
            "errors": {"type": "array", "items": describe_object(pointer=TEXT, detail=TEXT)},
            "alternatives": {"type": "array", "items": ref("Slot")},
        },
    },
}  # fmt: skip

KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "A request repeated with its key is done once and answered the same.",
    "schema": {"type": "string", "pattern": KEY_PATTERN},
}
TOKEN_PARAMETER = {
    "name": "token",
    "in": "path",
    "required": True,
    "description": "The last part of `manage_url`.",
    "schema": TOKEN,
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of the answer that is there already.",
    "schema": TEXT,
}
ETAG = {"ETag": {"required": True, "description": "Weak: names what is answered.", "schema": TEXT}}
RETRY_AFTER = {
    "Retry-After": {
        "required": True,
        "description": "After how many seconds to try again.",
        "schema": {"type": "integer", "minimum": 1},
    }
}
LOCATION = {
    "Location": {
        "required": True,
        "description": "Where the visit is read; ends with the token of `manage_url`.",
        "schema": {"type": "string", "format": "uri-reference"},
    }
}


def describe_answer(
    description: str, schema: dict[str, Any], headers: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the description of a JSON answer."""
    content = {"application/json": {"schema": schema}}
    return {"description": description, "headers": headers or {}, "content": content}


def describe_problem_response(
    description: str, headers: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the description of a refusal (RFC 9457)."""
    content = {"application/problem+json": {"schema": ref("Problem")}}
    return {"description": description, "headers": headers or {}, "content": content}
