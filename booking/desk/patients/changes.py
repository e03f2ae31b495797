"""What changed in a patient's record: each field and each consent, who did it, what was and what became."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

from booking.desk.patients.time_zones import CLINICS_ZONE, format_patient_zone
from booking.desk.words import format_full_date, format_patient_field
from booking.patients import editing
from booking.patients import operations as patients
from booking.patients.contacts import format_email, format_phone
from booking.patients.models import PatientChange, TextConsent
from booking.patients.queries import list_consents
from booking.staff.queries import get_staff_names
from booking.web.page_language import language_name


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One line of a record's history; `by` is empty where the person said it online."""

    at: datetime
    by: str
    field: str
    old: str
    new: str
    wording: str = ""  # of a consent: what was asked


def list_record_changes(patient_id: int) -> list[RecordChange]:
    """Return what changed in a patient's record, the latest first."""
    record_ids = patients.list_record_ids(patient_id)
    corrections, consents = editing.list_corrections(record_ids), list_consents(record_ids)
    names = get_staff_names(
        {change.changed_by_id for change in corrections}
        | {consent.asked_by_id for consent in consents if consent.asked_by_id}
    )
    lines = [_corrected(change, names) for change in corrections]
    lines += [
        _answered(consent, consents[position + 1 :], names)
        for position, consent in enumerate(consents)
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _corrected(change: PatientChange, names: dict[int, str]) -> RecordChange:
    return RecordChange(
        change.changed_at,
        names[change.changed_by_id],
        format_patient_field(change.field),
        format_value(change.field, change.old),
        format_value(change.field, change.new),
    )


def _answered(
    consent: TextConsent, earlier_consents: Sequence[TextConsent], names: dict[int, str]
) -> RecordChange:
    earlier = next((each for each in earlier_consents if each.phone == consent.phone), None)
    return RecordChange(
        consent.given_at,
        names[consent.asked_by_id] if consent.asked_by_id else "",
        str(_("Texts to %(phone)s", phone=format_phone(consent.phone))),
        _format_answer(earlier),
        _format_answer(consent),
        consent.wording,
    )


def _format_answer(consent: TextConsent | None) -> str:
    if consent is None:
        return str(_("not asked"))
    return str(_("agreed") if consent.granted else _("declined"))


def format_value(field: str, value: str | None) -> str:
    """Return a field's value as staff read it."""
    if value is None:
        absent = {"leave_voicemail": _("not asked"), "time_zone": CLINICS_ZONE}
        return str(absent.get(field) or _("none"))
    formats = {
        "phone": format_phone,
        "email": format_email,
        "language": language_name,
        "birth_date": lambda text: format_full_date(date.fromisoformat(text)),
        "safe_to_text": _format_choice,
        "leave_voicemail": _format_choice,
        "time_zone": format_patient_zone,
    }
    return formats.get(field, str)(value)


def _format_choice(value: str) -> str:
    return str(_("yes") if value == "yes" else _("no"))
