"""What a change of the set-up does, in the desk's words: from old to new, and which visits it hits."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from booking.appointments.impossible import MisfitAppointment
from booking.calendars.misfits import Misfit, MisfitReason
from booking.clinic.operations import LoadResult
from booking.dates import parse_day
from booking.desk.outages.lines import AppointmentLine, list_appointment_lines
from booking.desk.setup.fields import FieldGroup, Groups, SetupField, split_lines
from booking.desk.setup.typed_hours import format_typed_hours, normalize_hours
from booking.desk.words import explain_misfit
from booking.locations import operations as locations
from booking.web.formats import format_dated_day


@dataclass(frozen=True, slots=True)
class HitLine:
    """A visit that a change hits, its time in `zone`; without `reason` it keeps its time."""

    line: AppointmentLine
    zone: ZoneInfo
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GroupChange:
    """What changes among the fields under one legend, a sentence each."""

    legend: str
    sentences: Sequence[str]


def list_changes(old_groups: Groups, new_groups: Groups) -> list[GroupChange]:
    """Return what was typed otherwise than it stands, by groups."""
    pairs = zip(old_groups, new_groups, strict=True)
    changes = [GroupChange(old.legend, _changed_fields(old, new)) for old, new in pairs]
    return [change for change in changes if change.sentences]


def _changed_fields(old: FieldGroup, new: FieldGroup) -> list[str]:
    pairs = [
        (before, after)
        for before, after in zip(old.fields, new.fields, strict=True)
        if _words(before) != _words(after)
    ]
    # A browser chooses for each list of an empty row: that alone is nothing anybody typed.
    is_touched = any(_could_stay(before) for before, _after in pairs)
    return [_describe(before, after) for before, after in pairs] if is_touched else []


def _could_stay(field: SetupField) -> bool:
    return field.kind != "select" or field.value in dict(field.choices)


def _describe(before: SetupField, after: SetupField) -> str:
    if after.kind == "lines":
        return f"{after.label}: {_describe_lines(before.value, after.value)}"
    if after.kind == "checkbox":
        return after.label if after.value else str(_("%(what)s: no longer", what=after.label))
    old, new = (_words(field) or field.nothing or str(_("none")) for field in (before, after))
    return f"{after.label}: {old} → {new}"


def _describe_lines(old: str, new: str) -> str:
    before, after = split_lines(old), split_lines(new)
    added = [line for line in after if line not in before]
    removed = [line for line in before if line not in after]
    parts = [
        str(_("new: %(names)s", names=", ".join(added))) if added else "",
        str(_("no longer: %(names)s", names=", ".join(removed))) if removed else "",
    ]
    return "; ".join(filter(None, parts)) or str(_("in another order"))


def _words(field: SetupField) -> str:
    """Return a field's value as a page says it."""
    if field.kind == "select":
        return dict(field.choices).get(field.value, "")
    if field.kind == "date" and (day := parse_day(field.value)):
        return format_dated_day(day)
    if field.kind == "hours":
        return format_typed_hours(normalize_hours(field.value.strip()))
    return "\n".join(split_lines(field.value))


def list_impossible(result: LoadResult) -> list[HitLine]:
    """Return the visits that the change keeps from taking place, and why; soonest first."""
    reasons = _explain([impossible.problem for impossible in result.newly_impossible])
    return _list_hits(result.newly_impossible, reasons)


def list_exchanged(result: LoadResult) -> list[HitLine]:
    """Return the visits that keep their times in another chair, room or seat; soonest first."""
    impossibles = [exchange.was for exchange in result.exchanges]
    return _list_hits(impossibles, [""] * len(impossibles))


def _list_hits(impossibles: Sequence[MisfitAppointment], reasons: Sequence[str]) -> list[HitLine]:
    ids = [impossible.appointment_id for impossible in impossibles]
    lines = {line.appointment.id: line for line in list_appointment_lines(ids)}
    return [
        HitLine(lines[impossible.appointment_id], impossible.zone, reason)
        for impossible, reason in zip(impossibles, reasons, strict=True)
        if impossible.appointment_id in lines
    ]


def _explain(problems: Sequence[Misfit]) -> list[str]:
    """Return why each can't take place, with the name of the resource that is missing."""
    ids = sorted({problem.resource_id for problem in problems if problem.resource_id})
    names = {key: resource.name for key, resource in locations.get_resources(ids).items()}
    return [_explain_misfit(each, names.get(each.resource_id or 0, "")) for each in problems]


def _explain_misfit(problem: Misfit, name: str) -> str:
    if name and problem.reason is MisfitReason.RESOURCE_GONE:
        return str(_("%(name)s is no longer there.", name=name))
    if name and problem.reason is MisfitReason.PRACTITIONER_AWAY:
        return str(_("%(name)s is not on shift then.", name=name))
    return explain_misfit(problem.reason)
