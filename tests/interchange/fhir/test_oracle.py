"""The oracle can fail: HL7's schema refuses what isn't FHIR."""

from typing import Any

import pytest

from tests.interchange.fhir.oracle import errors_in

SLOT: dict[str, Any] = {
    "resourceType": "Slot",
    "id": "1.1.20261201T1700Z",
    "schedule": {"reference": "Schedule/1.1"},
    "status": "free",
    "start": "2026-12-01T10:00:00-07:00",
    "end": "2026-12-01T10:45:00-07:00",
}


def test_a_slot_is_one() -> None:
    assert errors_in(SLOT) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "available"),
        ("start", "2026-12-01T10:00:00"),  # without its offset
        ("start", "2026-12-01T10:00-07:00"),
        ("id", "under_scored"),
        ("schedule", "Schedule/1.1"),
        ("location", "ahwatukee"),  # no such member
    ],
)
def test_what_is_no_slot_is_refused(name: str, value: object) -> None:
    assert errors_in(SLOT | {name: value}) != []


def test_what_is_in_a_bundle_is_looked_at_too() -> None:
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": SLOT}]}
    assert errors_in(bundle) == []
    bundle["entry"] = [{"resource": SLOT | {"status": "available"}}]
    assert errors_in(bundle) != []
