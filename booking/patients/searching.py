"""Searching patients: most are indexed in memory, the newest read each time, so that none is missed."""

from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy import ColumnElement, func, select

from booking.extensions import db
from booking.patients.models import Patient, PatientChange
from booking.patients.queries import get_patients_by_id
from booking.patients.search_index import SearchIndex, SearchRecord
from booking.patients.search_terms import parse_search

MARGIN = 100  # numbers are given out before they are committed: so many of the last may appear yet
MAX_NEW = 500  # records read each time; with more, all are indexed anew
COLUMNS = (
    Patient.id,
    Patient.given_name,
    Patient.family_name,
    Patient.birth_date,
    Patient.phone,
    Patient.email,
)


@dataclass(frozen=True, slots=True)
class IndexedPatients:
    """The index of a process: nothing up to these ids of patients and corrections is missing or old."""

    index: SearchIndex
    patient_id: int
    change_id: int


def search_patients_by_text(text: str, today: date, limit: int) -> list[Patient]:
    """Return the patients whom `text` may mean, the likeliest first; `today` is local.

    Every part of it must fit: any part of a name, also mistyped; the last digits of the phone; an e-mail
    address or its beginning; a birth date. Records merged into another are left out.
    """
    terms = parse_search(text, today)
    if not terms:
        return []
    indexed = _read_index()
    new_records = _list_records(_is_new(indexed))
    if len(new_records) > MAX_NEW:
        indexed, new_records = _build_index(), []
    merged_ids, new_ids = _list_merged_ids(), {record.id for record in new_records}
    hits = indexed.index.search(terms, merged_ids | new_ids, limit)
    hits += SearchIndex(new_records).search(terms, merged_ids, limit)
    hits.sort(key=lambda hit: -hit.score)
    patients_by_id = get_patients_by_id([hit.id for hit in hits[:limit]])
    return [patients_by_id[hit.id] for hit in hits[:limit]]


def _read_index() -> IndexedPatients:
    indexed: IndexedPatients | None = current_app.extensions.get("patient_index")
    return indexed or _build_index()


def _build_index() -> IndexedPatients:
    """Index all records; the last ids are read before them, so that what is new since is newer."""
    last = select(func.max(Patient.id), select(func.max(PatientChange.id)).scalar_subquery())
    patient_id, change_id = db.session.execute(last).one()
    indexed = IndexedPatients(
        SearchIndex(_list_records()), (patient_id or 0) - MARGIN, (change_id or 0) - MARGIN
    )
    current_app.extensions["patient_index"] = indexed
    return indexed


def _is_new(indexed: IndexedPatients) -> ColumnElement[bool]:
    corrected = select(PatientChange.patient_id).where(PatientChange.id > indexed.change_id)
    return (Patient.id > indexed.patient_id) | Patient.id.in_(corrected)


def _list_records(*conditions: ColumnElement[bool]) -> list[SearchRecord]:
    in_order = Patient.family_key, Patient.given_name, Patient.id
    rows = db.session.execute(select(*COLUMNS).where(*conditions).order_by(*in_order))
    return [SearchRecord(*row) for row in rows]


def _list_merged_ids() -> set[int]:
    return set(db.session.scalars(select(Patient.id).where(Patient.merged_into_id.is_not(None))))
