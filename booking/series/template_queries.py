"""Reading schedule templates as the desk keeps them: versions, signatures, drafts, and who uses them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC

from sqlalchemy import func, select

from booking.db.idempotency import canonical_digest
from booking.extensions import db
from booking.series.models import (
    InfusionSeries,
    ScheduleTemplate,
    TemplateDraft,
    TemplateRetirement,
    TemplateSignature,
)
from booking.series.progress import GOING_ON


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """How many series were prescribed from something, and how many of them go on."""

    total: int = 0
    going_on: int = 0


def list_newest_versions() -> list[ScheduleTemplate]:
    """Return the newest version of each template, those offered first, in the clinic's order."""
    newest = select(func.max(ScheduleTemplate.id)).group_by(ScheduleTemplate.slug)
    rows = select(ScheduleTemplate).where(ScheduleTemplate.id.in_(newest))
    order = (ScheduleTemplate.active.desc(), ScheduleTemplate.position, ScheduleTemplate.id)
    return list(db.session.scalars(rows.order_by(*order)))


def list_versions(slug: str) -> list[ScheduleTemplate]:
    """Return all versions of a template, the newest first."""
    rows = select(ScheduleTemplate).filter_by(slug=slug)
    return list(db.session.scalars(rows.order_by(ScheduleTemplate.version.desc())))


def find_newest_version(slug: str) -> ScheduleTemplate | None:
    """Return the newest version of a template, offered or retired."""
    rows = select(ScheduleTemplate).filter_by(slug=slug)
    return db.session.scalar(rows.order_by(ScheduleTemplate.version.desc()).limit(1))


def get_signatures(template_ids: Collection[int]) -> dict[int, TemplateSignature]:
    """Return the signatures of versions, by the versions' ids; those of the clinic file have none."""
    rows = select(TemplateSignature).where(TemplateSignature.template_id.in_(template_ids))
    return {row.template_id: row for row in db.session.scalars(rows)}


def compute_signature_digest(template: ScheduleTemplate, signature: TemplateSignature) -> str:
    """Return the SHA-256 of what a signature is of, as both stand now."""
    return canonical_digest(
        [
            template.data,
            signature.statement,
            signature.reason,
            signature.signer_name,
            signature.signed_by_id,
            signature.signed_at.astimezone(UTC).isoformat(),
        ]
    )


def is_signature_intact(template: ScheduleTemplate, signature: TemplateSignature) -> bool:
    """Tell whether a version is still what was signed."""
    return compute_signature_digest(template, signature) == signature.digest


def find_draft(slug: str) -> TemplateDraft | None:
    """Return what is being made of a template, if anything is."""
    return db.session.scalar(select(TemplateDraft).filter_by(slug=slug))


def list_drafts() -> list[TemplateDraft]:
    """Return all drafts, the oldest first."""
    return list(db.session.scalars(select(TemplateDraft).order_by(TemplateDraft.id)))


def find_open_retirement(slug: str) -> TemplateRetirement | None:
    """Return when and why the desk retired a template, while that holds."""
    return db.session.scalar(
        select(TemplateRetirement)
        .filter_by(slug=slug, reinstated_at=None)
        .order_by(TemplateRetirement.id.desc())
        .limit(1)
    )


def count_uses() -> dict[int, TemplateUse]:
    """Return how many series were prescribed from each version, by its id."""
    going_on = func.count().filter(InfusionSeries.status.in_(GOING_ON))
    rows = select(InfusionSeries.template_id, func.count(), going_on).group_by(
        InfusionSeries.template_id
    )
    return {key: TemplateUse(total, count) for key, total, count in db.session.execute(rows)}


def count_uses_by_slug() -> dict[str, TemplateUse]:
    """Return how many series were prescribed from any version of each template, by its slug."""
    going_on = func.count().filter(InfusionSeries.status.in_(GOING_ON))
    rows = (
        select(ScheduleTemplate.slug, func.count(), going_on)
        .join(InfusionSeries, InfusionSeries.template_id == ScheduleTemplate.id)
        .group_by(ScheduleTemplate.slug)
    )
    return {slug: TemplateUse(total, count) for slug, total, count in db.session.execute(rows)}
