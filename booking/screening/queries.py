"""What pages and lists read of findings and flags."""

from sqlalchemy import select

from booking.extensions import db
from booking.screening.models import Flag, Suitability


def list_findings(patient_id: int) -> list[Suitability]:
    """Return what practitioners found about a patient, the newest first."""
    findings = select(Suitability).where(Suitability.patient_id == patient_id)
    return list(db.session.scalars(findings.order_by(Suitability.id.desc())))


def find_flag(flag_id: int) -> Flag | None:
    """Return a flag, also one that was cleared."""
    return db.session.get(Flag, flag_id)
