"""What entries about a patient are about: the record, and all that is theirs."""

from booking.appointments.queries import list_appointments_of_patient
from booking.screening.queries import list_flag_ids
from booking.series.queries import list_series_statuses, list_session_ids
from booking.tasks.subjects import list_task_ids

Subjects = frozenset[tuple[str, int]]


def list_audit_subjects(patient_id: int) -> Subjects:
    """Return all that entries about a patient can be about, by kind and id.

    Beside the record its visits, series and their sessions, flags, and the tasks about any of these; entries
    about notes are the record's own.
    """
    series_ids = [number for number, _status in list_series_statuses(patient_id)]
    subjects = {
        ("patient", patient_id),
        *(("appointment", each.id) for each in list_appointments_of_patient(patient_id)),
        *(("infusion_series", number) for number in series_ids),
        *(("session", number) for number in list_session_ids(series_ids)),
        *(("flag", number) for number in list_flag_ids(patient_id)),
    }
    return frozenset(subjects | {("task", number) for number in list_task_ids(subjects)})
