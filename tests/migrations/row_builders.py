"""Rows of the tables that tests of migrations write most, as plain values."""

from typing import Any

NOW = "2026-11-30 15:00:00.000000"
TEN, ELEVEN = "2026-12-01 17:00:00.000000", "2026-12-01 18:00:00.000000"
NOON, ONE = "2026-12-01 19:00:00.000000", "2026-12-01 20:00:00.000000"
TWO = "2026-12-01 21:00:00.000000"
DIGEST = "0" * 64
Row = tuple[str, dict[str, Any]]


def patient(number: int) -> Row:
    """Return the row of a patient."""
    person = {"given_name": "Test", "family_name": "Person", "family_key": "person"}
    dates = {"birth_date": "1980-02-29", "created_at": NOW}
    return "patient", {"id": number, **person, **dates, "language": "en"}


def appointment(number: int, starts: str, ends: str, **changed: Any) -> Row:
    """Return one of patient 1's appointments, a booked infusion."""
    row = {
        "id": number, "reference": f"ABC-{number:04d}", "token": f"token{number}",
        "uid": f"{number}@visits", "sequence": 0, "status": "booked", "service_id": 1,
        "location_id": 1, "patient_id": 1, "starts_at": starts, "ends_at": ends,
        "local_date": "2026-12-01", "needs": "[]", "is_infusion": True, "origin": "desk",
        "created_at": NOW, "note": "", "version": 1, **changed,
    }  # fmt: skip
    return ("appointment", row)


def claim(appointment_id: int, starts: str, ends: str, **changed: Any) -> Row:
    """Return a claim on resource 1; it gets its id from the database."""
    row = {"resource_id": 1, "appointment_id": appointment_id, "starts_at": starts, "ends_at": ends}
    return ("claim", {**row, **changed})


HELD = {"status": "pending", "patient_id": None, "expires_at": NOW, "is_infusion": False}
