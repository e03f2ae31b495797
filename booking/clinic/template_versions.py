"""Schedule templates of the clinic file: a change adds a version, if the desk has signed none since."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from booking.clinic.fields import TemplatePart
from booking.clinic.loader import ClinicLoader
from booking.db.idempotency import canonical_digest
from booking.extensions import db
from booking.series.models import ScheduleTemplate
from booking.series.template_operations import lock_template
from booking.series.template_queries import (
    find_newest_version,
    find_open_retirement,
    get_signatures,
)
from booking.series.templates import Template


def load_templates(parts: Sequence[TemplatePart], loading: ClinicLoader) -> None:
    """Bring the templates to what the file says; what the desk did since the last load is reported.

    A file edited from an export of the desk's newest version goes over it unasked.
    """
    for position, part in enumerate(parts):
        lock_template(part.slug)
        _load(part, position, loading)
    _retire_missing({part.slug for part in parts}, loading)


def _load(part: TemplatePart, position: int, loading: ClinicLoader) -> None:
    template = part.template
    digest = canonical_digest({**template.to_dict(), "version": None})
    newest = find_newest_version(template.slug)
    if newest is None or newest.digest != digest:
        _report_signed(newest, part.edited_from, loading)
        newest = _add_version(template, digest, position, newest, loading)
    elif (newest.position, newest.active) != (position, True):
        _report_retired(newest, loading)
        newest.position, newest.active = position, True
        loading.changed.append(f"schedule_template {template.slug}")
    loading.templates[template.slug] = {"digest": digest, "version": newest.version}


def _add_version(
    template: Template,
    digest: str,
    position: int,
    newest: ScheduleTemplate | None,
    loading: ClinicLoader,
) -> ScheduleTemplate:
    if newest is not None:
        _report_retired(newest, loading)
        newest.active = False
    version = newest.version + 1 if newest else 1
    row = ScheduleTemplate(
        slug=template.slug,
        version=version,
        digest=digest,
        approved_by=template.approved_by,
        data={**template.to_dict(), "version": version},
        position=position,
        active=True,
        created_at=loading.now,
    )
    db.session.add(row)
    loading.added.append(f"schedule_template {template.slug} version {version}")
    return row


def _report_signed(
    newest: ScheduleTemplate | None, edited_from: str, loading: ClinicLoader
) -> None:
    """Report a version that the desk has signed, and neither the last load nor this file knows."""
    if newest is None or newest.digest == edited_from or not _is_desks(newest, loading):
        return
    signature = get_signatures([newest.id])[newest.id]
    loading.overwritten.append(
        f"schedule_template {newest.slug}: version {newest.version} was signed by "
        f"{signature.signer_name} on {_day(signature.signed_at)}, {_left(newest.slug, loading)}"
    )


def _is_desks(newest: ScheduleTemplate, loading: ClinicLoader) -> bool:
    """Tell whether a version is signed at the desk and not what the last load left."""
    left = (loading.templates_before or {}).get(newest.slug)
    is_left = left is not None and left["digest"] == newest.digest
    return newest.id in get_signatures([newest.id]) and not is_left


def _report_retired(newest: ScheduleTemplate, loading: ClinicLoader) -> None:
    retirement = find_open_retirement(newest.slug)
    if retirement is None or newest.active:
        return
    retirement.reinstated_at = loading.now
    loading.overwritten.append(
        f"schedule_template {newest.slug}: the desk retired it on {_day(retirement.retired_at)}, "
        f"the file offers it"
    )


def _left(slug: str, loading: ClinicLoader) -> str:
    left = (loading.templates_before or {}).get(slug)
    return f"the file left version {left['version']}" if left else "no file had it"


def _day(instant: datetime) -> str:
    return instant.date().isoformat()


def _retire_missing(slugs: set[str], loading: ClinicLoader) -> None:
    """Retire what the last load offered and this file doesn't name; what the desk made stays."""
    gone = (ScheduleTemplate.active, ScheduleTemplate.slug.not_in(slugs))
    for row in db.session.scalars(select(ScheduleTemplate).where(*gone)).all():
        if not _is_of_file(row, loading):
            continue
        _report_signed(row, "", loading)
        row.active = False
        loading.retired.append(f"schedule_template {row.slug}")


def _is_of_file(row: ScheduleTemplate, loading: ClinicLoader) -> bool:
    """Tell whether the last load offered a template; of loads before 0026, whether nobody signed it."""
    if loading.templates_before is None:
        return row.id not in get_signatures([row.id])
    return row.slug in loading.templates_before
