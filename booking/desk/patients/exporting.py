"""A patient's record as JSON: what its page shows, without the tokens of links."""

from collections.abc import Iterable
from typing import Any

from flask import Response, json
from flask_login import current_user

from booking import clock
from booking.access import Access, access
from booking.db.versions import column_values
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.patients.record import PatientRecord, read_patient_record
from booking.desk.patients.views import patient_or_404
from booking.extensions import Model
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.notes import list_notes

SECRETS = {"token", "family_key", "given_key", "provider_id"}
OF_APPOINTMENT = (
    *("id", "reference", "status", "outcome", "starts_at", "ends_at", "local_date"),
    *("location_id", "service_id"),
)
OF_SERIES = ("id", "status", "location_id", "first_day", "last_day", "prescribed_at")  # not why
OF_MESSAGE = ("kind", "channel", "recipient", "subject", "body", "send_at", "status")


@blueprint.get("/patients/<int:patient_id>/record.json")
@access(Access.STAFF)
def download_record(patient_id: int) -> Response:
    """Give a patient's record as a file."""
    patient = patient_or_404(patient_id)
    record = read_patient_record(patient, clock.now(), last_used_location())
    body = json.dumps(_describe(patient, record), ensure_ascii=False, indent=2)
    response = Response(body, mimetype="application/json")
    response.headers.set("Content-Disposition", "attachment", filename=f"record-{patient.id}.json")
    return response


def _describe(patient: Patient, record: PatientRecord) -> dict[str, Any]:
    reads_clinical = current_user.reads_clinical
    notes = list_notes(patients.list_record_ids(patient.id), with_clinical=reads_clinical)
    values = {
        "patient": _values(patient),
        "appointments": _chosen([*record.upcoming, *record.past], OF_APPOINTMENT),
        "series": _chosen((each.series for each in record.series_summaries), OF_SERIES),
        "messages": _chosen(record.messages, OF_MESSAGE),
        "texts": _chosen(record.texts, ("sender", "body", "received_at")),
        "notes": [_values(note) for note in notes],
    }
    return values | (_describe_clinical(record) if reads_clinical else {})


def _describe_clinical(record: PatientRecord) -> dict[str, Any]:
    return {
        "series": [_values(summary.series) for summary in record.series_summaries],
        "findings": [_values(finding) for finding in record.findings],
        "flags": [_values(flag) for flag in record.flags],
        "answers": [_values(history.response) for history in record.histories],
    }


def _values(row: Model) -> dict[str, Any]:
    return {
        name: _plain(value) for name, value in column_values(row).items() if name not in SECRETS
    }


def _chosen(rows: Iterable[Model], names: Iterable[str]) -> list[dict[str, Any]]:
    return [{name: _values(row)[name] for name in names} for row in rows]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
