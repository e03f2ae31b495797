"""What can be read and done here, as FHIR R4's CapabilityStatement."""

from typing import Any

from booking.interchange.fhir.resources import Resource, base_url
from booking.web.outcomes import FHIR_JSON

PUBLISHED = "2026-11-27"  # when what is said here last changed
OPERATIONS = "http://fhir.org/guides/argonaut-scheduling/OperationDefinition/appointment-"
COUNT = {"name": "_count", "type": "number", "documentation": "50 by default, 200 at most."}
LISTED = [{"name": "_id", "type": "token"}, COUNT]
SLOT_PARAMETERS = [
    {"name": "status", "type": "token", "documentation": "Only free slots are listed."},
    {"name": "start", "type": "date", "documentation": "A day is one of the slot's location."},
    {"name": "schedule", "type": "reference"},
    COUNT,
]
SECURITY = (
    "Times are public. The id of an appointment or a hold is the proof of whose it is: whoever has it may "
    "read and cancel. $hold, $book, PUT and PATCH need an Idempotency-Key. No patient is ever answered. "
    "A search parameter that isn't listed here is refused."
)


def describe_server() -> Resource:
    """Return the CapabilityStatement (FHIR R4): which resources, searches and operations there are."""
    return {
        "resourceType": "CapabilityStatement",
        "url": base_url() + "/metadata",
        "status": "active",
        "date": PUBLISHED,
        "kind": "instance",
        "implementation": {"description": "Booking", "url": base_url()},
        "fhirVersion": "4.0.1",
        "format": ["json", FHIR_JSON],
        "patchFormat": ["application/json-patch+json"],
        "rest": [
            {
                "mode": "server",
                "security": {"cors": False, "description": SECURITY},
                "resource": [
                    _describe("Location", ["read", "search-type"], LISTED),
                    _describe(
                        "Schedule",
                        ["read", "search-type"],
                        [*LISTED, {"name": "actor", "type": "reference"}],
                    ),
                    _describe("Slot", ["read", "search-type"], SLOT_PARAMETERS),
                    _describe("Questionnaire", ["read"]),
                    _describe("Appointment", ["read", "update", "patch"])
                    | {"operation": [_operation(name) for name in ("find", "hold", "book")]},
                ],
            }
        ],
    }


def _describe(
    kind: str, interactions: list[str], parameters: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    description = {"type": kind, "interaction": [{"code": code} for code in interactions]}
    return description | ({"searchParam": parameters} if parameters else {})


def _operation(name: str) -> dict[str, str]:
    return {"name": name, "definition": OPERATIONS + name}
