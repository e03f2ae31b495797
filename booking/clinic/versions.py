"""What is kept by immutable versions: safety questions, reminder rules, schedule templates."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from booking.clinic.loader import ClinicLoader
from booking.clinic.schema import ClinicFile, ScreeningPart
from booking.db.idempotency import canonical_digest
from booking.extensions import db
from booking.reminders.models import ReminderPolicy
from booking.reminders.rules import ReminderRule
from booking.screening.models import Questionnaire
from booking.screening.rules import ScreeningQuestion
from booking.series.models import ScheduleTemplate
from booking.series.templates import Template


def add_changed_versions(clinic: ClinicFile, loading: ClinicLoader) -> None:
    """Add a new version of whatever the file says differently from the newest."""
    _questions(clinic.screening, loading)
    _reminders(clinic.reminders, loading)
    for position, template in enumerate(clinic.templates):
        _template(template, position, loading)
    _retire_templates([field.slug for field in clinic.templates], loading)


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


def _template(template: Template, position: int, loading: ClinicLoader) -> None:
    data = template.to_dict()
    digest = canonical_digest({**data, "version": None})
    newest = _newest(ScheduleTemplate, slug=template.slug)
    if newest is not None and newest.digest == digest:
        if (newest.position, newest.active) != (position, True):
            newest.position, newest.active = position, True
            loading.changed.append(f"schedule_template {template.slug}")
        return
    if newest is not None:
        newest.active = False
    row = {"slug": template.slug, "approved_by": template.approved_by, "position": position}
    values = {**row, "digest": digest, "data": {**data, "version": _next(newest)}}
    _add(ScheduleTemplate, newest, values, loading)


def _retire_templates(slugs: Sequence[str], loading: ClinicLoader) -> None:
    outdated = (ScheduleTemplate.active, ScheduleTemplate.slug.not_in(slugs))
    for row in db.session.scalars(select(ScheduleTemplate).where(*outdated)):
        row.active = False
        loading.retired.append(f"schedule_template {row.slug}")


def _newest(table: Any, **same: str) -> Any:
    query = select(table).filter_by(**same).order_by(table.version.desc()).limit(1)
    return db.session.scalars(query).first()


def _next(newest: Any) -> int:
    return newest.version + 1 if newest else 1


def _add(table: Any, newest: Any, row: dict[str, Any], loading: ClinicLoader) -> None:
    version = _next(newest)
    db.session.add(table(**row, version=version, created_at=loading.now))
    name = " ".join((table.__tablename__, *filter(None, [row.get("slug")])))
    loading.added.append(f"{name} version {version}")
