"""What is a patient's own, by the kinds that entries of the trail and tasks name it by."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from booking.adaptive.models import SpacingOrder, SpacingProposal
from booking.appointments.models import PatientNote
from booking.erasure.traces import (
    PatientTraces,
    list_call_request_ids,
    list_erased_flag_ids,
    list_inbound_ids,
    list_message_ids,
)
from booking.extensions import db
from booking.merging.models import PatientMerge
from booking.messaging.models import EmailPreference, OptOut
from booking.mood.models import MoodForm, MoodSchedule
from booking.outages.models import AffectedPatient
from booking.patients.models import StaffNote
from booking.series.models import PatientAbsence, Session
from booking.tasks.subjects import list_task_ids
from booking.waitlist.models import WaitlistEntry, WaitlistOffer


def list_subject_ids(traces: PatientTraces) -> dict[str, Iterable[int]]:
    """Return the ids of all that is a patient's, or of a record merged into theirs, by kind; no tasks."""
    return {
        "patient": traces.record_ids,
        "appointment": traces.appointment_ids,
        "infusion_series": traces.series_ids,
        "series": traces.series_ids,
        **_list_ids_of_records(traces.record_ids),
        **_list_ids_of_series(traces.series_ids),
        **_list_ids_of_appointments(traces.appointment_ids),
        "message": list_message_ids(traces),
        "inbound": list_inbound_ids(traces),
        "call_request": list_call_request_ids(traces),
        "flag": list_erased_flag_ids(traces),
        "opt_out": _list_ids(OptOut.id, OptOut.phone.in_(traces.phones)),
        "email_preference": _list_ids(
            EmailPreference.id, EmailPreference.address.in_(traces.emails)
        ),
    }


def list_all_task_ids(traces: PatientTraces) -> list[int]:
    """Return the tasks about any of it, done ones too."""
    by_kind = list_subject_ids(traces)
    return list_task_ids([(kind, number) for kind, ids in by_kind.items() for number in ids])


def _list_ids_of_records(record_ids: list[int]) -> dict[str, list[int]]:
    is_merged = or_(
        PatientMerge.survivor_id.in_(record_ids), PatientMerge.merged_id.in_(record_ids)
    )
    return {
        "staff_note": _list_ids(StaffNote.id, StaffNote.patient_id.in_(record_ids)),
        "patient_absence": _list_ids(PatientAbsence.id, PatientAbsence.patient_id.in_(record_ids)),
        "patient_merge": _list_ids(PatientMerge.id, is_merged),
        "affected_patient": _list_ids(
            AffectedPatient.id, AffectedPatient.patient_id.in_(record_ids)
        ),
    }


def _list_ids_of_series(series_ids: list[int]) -> dict[str, list[int]]:
    return {
        "session": _list_ids(Session.id, Session.series_id.in_(series_ids)),
        "mood_schedule": _list_ids(MoodSchedule.id, MoodSchedule.series_id.in_(series_ids)),
        "mood_form": _list_ids(MoodForm.id, MoodForm.series_id.in_(series_ids)),
        "spacing_order": _list_ids(SpacingOrder.id, SpacingOrder.series_id.in_(series_ids)),
        "spacing_proposal": _list_ids(
            SpacingProposal.id, SpacingProposal.series_id.in_(series_ids)
        ),
    }


def _list_ids_of_appointments(appointment_ids: list[int]) -> dict[str, list[int]]:
    entries = select(WaitlistEntry.id).where(WaitlistEntry.appointment_id.in_(appointment_ids))
    return {
        "patient_note": _list_ids(PatientNote.id, PatientNote.appointment_id.in_(appointment_ids)),
        "waitlist_offer": _list_ids(WaitlistOffer.id, WaitlistOffer.entry_id.in_(entries)),
    }


def _list_ids(key: InstrumentedAttribute[int], where: ColumnElement[bool]) -> list[int]:
    return list(db.session.scalars(select(key).where(where)))
