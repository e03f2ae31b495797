"""Entries of the trail in words: who, about what, and the facts."""

from collections.abc import Mapping

from flask_babel import gettext as _

from booking.audit.models import AuditEntry
from booking.audit.rules import parse_staff_actor


def describe_actor(actor: str, names: Mapping[int, str]) -> str:
    """Return who did it: a person by name, else what did it."""
    if (staff_id := parse_staff_actor(actor)) is not None:
        return names.get(staff_id, actor)
    programs = {"online": _("online"), "api": _("a program (API)"), "cli": _("the operator")}
    return str(programs.get(actor, actor))


def describe_subject(entry: AuditEntry) -> str:
    """Return what it is about, by kind and number: the trail holds no names."""
    return f"{entry.subject_kind.replace('_', ' ')} {entry.subject_id}"


def describe_facts(entry: AuditEntry) -> str:
    """Return the facts as they are kept."""
    return ", ".join(f"{name}: {value}" for name, value in entry.facts.items() if value is not None)
