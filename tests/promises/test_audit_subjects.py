"""Who saw and changed a record is all: each kind that entries are about is found by patient, or excused."""

import ast
from collections.abc import Iterator
from importlib import import_module

from flask import Flask

from booking.desk.access_audit import SUBJECTS
from booking.erasure.subjects import list_subject_ids
from booking.erasure.traces import read_traces
from tests.builders import a_clinic, a_patient
from tests.promises.source import module_name, python_files, tree_of

TOLD_BY_VARIABLE = {"access_audit.py", "gaps.py"}  # of kinds that others write, too
EXCUSED = {
    "task": "found by what it is about",
    **dict.fromkeys(("staff", "on_call_turn"), "people who work here"),
    **dict.fromkeys(("schedule_template", "template_draft", "clinic_load"), "the set-up"),
    **dict.fromkeys(("outage", "outage_case"), "of a place; whom it hits is an `affected_patient`"),
    **dict.fromkeys(("calendar_feed", "webhook_endpoint", "webhook_delivery"), "other programs"),
    **dict.fromkeys(("retention", "restoration"), "of the database as a whole"),
}


def list_recorded_kinds() -> Iterator[tuple[str, str]]:
    """Yield where an entry is written and the kind it is about; "" where that is told by a variable."""
    for path in python_files():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                kind = node.args[2] if len(node.args) > 2 else node.args[-1]
                yield f"{path.name}:{node.lineno}", _read_kind(kind, module_name(path))


def _read_kind(node: ast.expr, module: str) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    name = node.id if isinstance(node, ast.Name) else ""
    return str(getattr(import_module(module), name, ""))


def test_each_kind_that_an_entry_is_about_is_found_by_patient_or_excused(app: Flask) -> None:
    patient = a_patient(a_clinic())
    kinds = list_subject_ids(read_traces(patient.id)).keys() | EXCUSED.keys()
    recorded = dict(list_recorded_kinds())
    assert {*recorded.values(), *SUBJECTS.values()} - kinds == {""}
    assert {place.partition(":")[0] for place, kind in recorded.items() if not kind} == (
        TOLD_BY_VARIABLE
    )
