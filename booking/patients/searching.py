"""Searching patients: most are indexed in memory, the newest read each time, so that none is missed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, func, select, union

from booking.extensions import db
from booking.patients.models import Patient, PatientChange
from booking.patients.queries import get_patients_by_id
from booking.patients.search_index import SearchIndex, SearchRecord
from booking.patients.search_terms import parse_search

MARGIN = 100  # numbers are given out before they are committed: so many of the last may appear yet
ERASURE_MARGIN = timedelta(hours=1)  # times are taken before they are committed
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
    """The index of a process: nothing up to these ids of patients and corrections is missing or old.

    Nor is there a name of who was erased up to `erased_at`.
    """

    index: SearchIndex
    patient_id: int
    change_id: int
    erased_at: datetime | None


def search_patients_by_text(text: str, today: date, limit: int) -> list[Patient]:
    """Return the patients whom `text` may mean, the likeliest first; `today` is local.

    Every part of it must fit: any part of a name, also mistyped; the last digits of the phone, or of one
    before it; an e-mail address or its beginning; a birth date. What a record says that was merged into
    another means that one.
    """
    terms = parse_search(text, today)
    if not terms:
        return []
    indexed = _read_index()
    new_records = _list_records(_is_new(indexed))
    if len(new_records) > MAX_NEW:
        indexed, new_records = _build_index(), []
    kept_ids, new_ids = _read_kept_ids(), {record.id for record in new_records}
    most = limit + min(limit, len(kept_ids))  # two records of one person are shown as one
    hits = indexed.index.search(terms, new_ids, most)
    hits += SearchIndex(new_records).search(terms, frozenset(), most)
    hits.sort(key=lambda hit: -hit.score)
    ids = list(dict.fromkeys(_find_kept(hit.id, kept_ids) for hit in hits))[:limit]
    patients_by_id = get_patients_by_id(ids)
    return [patients_by_id[patient_id] for patient_id in ids]


def _read_index() -> IndexedPatients:
    indexed: IndexedPatients | None = current_app.extensions.get("patient_index")
    return indexed or _build_index()


def _build_index() -> IndexedPatients:
    """Index all records; the last ids are read before them, so that what is new since is newer."""
    last_change = select(func.max(PatientChange.id)).scalar_subquery()
    last_erased = select(func.max(Patient.erased_at)).scalar_subquery()
    last = select(func.max(Patient.id), last_change, last_erased)
    patient_id, change_id, erased_at = db.session.execute(last).one()
    indexed = IndexedPatients(
        SearchIndex(_list_records()),
        (patient_id or 0) - MARGIN,
        (change_id or 0) - MARGIN,
        erased_at - ERASURE_MARGIN if erased_at else None,
    )
    current_app.extensions["patient_index"] = indexed
    return indexed


def _is_new(indexed: IndexedPatients) -> ColumnElement[bool]:
    """Return the condition of a record that the index may lack: by ids, each found by an index of its own."""
    is_erased: ColumnElement[bool] = Patient.erased_at.is_not(None)
    if indexed.erased_at is not None:
        is_erased = Patient.erased_at > indexed.erased_at
    ids = union(
        select(Patient.id).where(Patient.id > indexed.patient_id),
        select(PatientChange.patient_id).where(PatientChange.id > indexed.change_id),
        select(Patient.id).where(is_erased),
    )
    return Patient.id.in_(ids)


def _list_records(*conditions: ColumnElement[bool]) -> list[SearchRecord]:
    """Return records as they are searched: one with each phone that it has, or had before."""
    in_order = Patient.family_key, Patient.given_name, Patient.id
    rows = list(db.session.execute(select(*COLUMNS).where(*conditions).order_by(*in_order)))
    former_phones = _list_former_phones(*conditions)
    records = [SearchRecord(*row) for row in rows]
    return [
        replace(record, phone=phone)
        for record in records
        for phone in dict.fromkeys((record.phone, *former_phones.get(record.id, ())))
    ]


def _list_former_phones(*conditions: ColumnElement[bool]) -> dict[int, list[str]]:
    """Return the numbers that were on file before a correction or a merge, the latest first, by record.

    One that was given back to another record, as a merge was undone, is that one's.
    """
    changes = (
        select(PatientChange.patient_id, PatientChange.old)
        .join(Patient, Patient.id == PatientChange.patient_id)
        .where(PatientChange.field == "phone", PatientChange.old.is_not(None))
        .where(PatientChange.is_given_back.is_(False), *conditions)
    )
    phones: dict[int, list[str]] = {}
    for patient_id, phone in db.session.execute(changes.order_by(PatientChange.id.desc())):
        phones.setdefault(patient_id, []).append(phone or "")
    return phones


def _read_kept_ids() -> dict[int, int]:
    """Return id → id of the record into which it was merged, of each that was."""
    columns = (Patient.id, Patient.merged_into_id)
    rows = db.session.execute(select(*columns).where(Patient.merged_into_id.is_not(None)))
    return {patient_id: kept_id for patient_id, kept_id in rows if kept_id is not None}


def _find_kept(patient_id: int, kept_ids: Mapping[int, int]) -> int:
    """Return the record that stands for one, which may have been merged more than once."""
    while patient_id in kept_ids:
        patient_id = kept_ids[patient_id]
    return patient_id
