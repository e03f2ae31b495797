"""What is kept by immutable versions: safety questions, reminder rules, and (beside) schedule templates."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from booking.clinic.loader import ClinicLoader
from booking.clinic.schema import ClinicFile, ScreeningPart
from booking.clinic.template_versions import load_templates
from booking.db.idempotency import canonical_digest
from booking.extensions import db
from booking.reminders.models import ReminderPolicy
from booking.reminders.rules import ReminderRule
from booking.screening.models import Questionnaire
from booking.screening.rules import ScreeningQuestion


def add_changed_versions(clinic: ClinicFile, loading: ClinicLoader) -> None:
    """Add a new version of whatever the file says differently from the newest."""
    _questions(clinic.screening, loading)
    _reminders(clinic.reminders, loading)
    load_templates(clinic.templates, loading)


def _questions(screening: ScreeningPart, loading: ClinicLoader) -> None:
    questions = [
        ScreeningQuestion(
            question.slug,
            {str(language): text for language, text in question.texts.items()},
            question.leads_to,
            {str(language): text for language, text in (question.listed or {}).items()},
        ).to_dict()
        for question in screening.questions
    ]
    digest = canonical_digest([questions, screening.approved_by])
    newest = _newest(Questionnaire)
    if newest is None or newest.digest != digest:
        row = {"questions": questions, "approved_by": screening.approved_by, "digest": digest}
        _add(Questionnaire, newest, row, loading)


def _reminders(rules: Sequence[ReminderRule], loading: ClinicLoader) -> None:
    data = [rule.to_dict() for rule in rules]
    newest = _newest(ReminderPolicy)
    if newest is None or newest.digest != canonical_digest(data):
        _add(ReminderPolicy, newest, {"rules": data, "digest": canonical_digest(data)}, loading)


def _newest(table: Any) -> Any:
    return db.session.scalars(select(table).order_by(table.version.desc()).limit(1)).first()


def _add(table: Any, newest: Any, row: dict[str, Any], loading: ClinicLoader) -> None:
    if newest and loading.base and newest.created_at > loading.base.loaded_at:
        day = newest.created_at.date().isoformat()
        loading.overwritten.append(
            f"{table.__tablename__}: version {newest.version} was made at the desk on {day}"
        )
    version = newest.version + 1 if newest else 1
    db.session.add(table(**row, version=version, created_at=loading.now))
    loading.added.append(f"{table.__tablename__} version {version}")
