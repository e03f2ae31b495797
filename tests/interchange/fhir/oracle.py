"""Whether something is FHIR R4, by HL7's own JSON Schema (`cut_schema`)."""

import json
from functools import cache
from typing import Any

from jsonschema_rs import Draft6Validator

from tests.interchange.fhir.cut_schema import SCHEMA, STEM


@cache
def validator(kind: str) -> Draft6Validator:
    schema = json.loads(SCHEMA.read_text())
    return Draft6Validator({**schema, "$ref": STEM + kind})


def errors_in(resource: dict[str, Any]) -> list[str]:
    """Return what is wrong with a resource, and with those it contains: each by its own schema."""
    wrong = [
        f"{'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in validator(resource["resourceType"]).iter_errors(resource)
    ]
    entries = [*resource.get("entry", ()), *resource.get("parameter", ())]
    inner = [entry["resource"] for entry in entries if "resource" in entry]
    return wrong + [error for each in inner for error in errors_in(each)]
