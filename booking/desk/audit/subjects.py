"""What entries about a patient are about: their records, and all that is theirs."""

from booking.erasure.subjects import list_all_task_ids, list_subject_ids
from booking.erasure.traces import read_traces

Subjects = frozenset[tuple[str, int]]


def list_audit_subjects(patient_id: int) -> Subjects:
    """Return all that entries about a patient can be about, by kind and id, the tasks about it too."""
    traces = read_traces(patient_id)
    by_kind = list_subject_ids(traces)
    theirs = {(kind, number) for kind, ids in by_kind.items() for number in ids}
    return frozenset(theirs | {("task", number) for number in list_all_task_ids(traces)})
