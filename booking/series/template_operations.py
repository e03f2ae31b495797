"""Templates made at the desk: drafts, versions that a practitioner signs, and those no longer offered."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.idempotency import canonical_digest
from booking.db.statements import lock_name
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.models import (
    ScheduleTemplate,
    TemplateDraft,
    TemplateRetirement,
    TemplateSignature,
)
from booking.series.refusals import PractitionerRequired
from booking.series.template_queries import (
    compute_signature_digest,
    find_draft,
    find_newest_version,
    find_open_retirement,
)
from booking.series.templates import Template
from booking.staff.models import Role, Staff

DRAFT, TEMPLATE = "template_draft", "schedule_template"  # what the trail speaks of


class TemplateNameTaken(Exception):
    """There is a template with this slug, or a draft of one."""


class NoDraft(Exception):
    """There is nothing to sign: it was signed or discarded meanwhile."""


@transaction()
def save_draft(template: Template, staff_id: int, now: datetime, *, is_new: bool) -> TemplateDraft:
    """Keep what may become a template's next version; it is offered to nobody until it is signed.

    Raises `PractitionerRequired`, and `TemplateNameTaken` for a new template with the slug of another.
    """
    _require_practitioner(staff_id)
    lock_template(template.slug)
    newest, draft = find_newest_version(template.slug), find_draft(template.slug)
    if is_new and (newest or draft):
        raise TemplateNameTaken
    base_version = newest.version if newest else 0
    content = replace(template, version=base_version + 1, approved_by="")
    if draft is None:
        draft = TemplateDraft(slug=template.slug)
        db.session.add(draft)
    draft.base_version, draft.data = base_version, content.to_dict()
    draft.saved_by_id, draft.saved_at = staff_id, now
    db.session.flush()
    audit.record(staff_actor(staff_id), "save_draft", DRAFT, draft.id, now)
    return draft


@transaction()
def discard_draft(slug: str, staff_id: int, now: datetime) -> None:
    """Throw a draft away; one that is gone already is no refusal."""
    _require_practitioner(staff_id)
    lock_template(slug)
    draft = find_draft(slug)
    if draft is not None:
        db.session.delete(draft)
        audit.record(staff_actor(staff_id), "discard_draft", DRAFT, draft.id, now)


@transaction()
def sign_draft(
    slug: str, staff_id: int, statement: str, reason: str, now: datetime
) -> ScheduleTemplate:
    """Make a draft the template's newest version, which nobody changes any more, and keep who signed it.

    The caller has asked for the password. Series prescribed from earlier versions stay with theirs; a
    retired template stays retired. Raises `PractitionerRequired`, `NoDraft`.
    """
    signer = _require_practitioner(staff_id)
    lock_template(slug)
    newest, draft = find_newest_version(slug), find_draft(slug)
    if draft is None:
        raise NoDraft
    version = newest.version + 1 if newest else 1
    template = replace(
        Template.from_dict(draft.data), version=version, approved_by=signer.name
    ).to_dict()
    row = ScheduleTemplate(
        slug=slug,
        version=version,
        digest=canonical_digest({**template, "version": None}),
        approved_by=signer.name,
        data=template,
        position=newest.position if newest else _next_position(),
        active=newest.active if newest else True,
        created_at=now,
    )
    if newest is not None:
        newest.active = False
    db.session.add(row)
    db.session.delete(draft)
    db.session.flush()
    _sign(row, signer, statement, reason, now)
    return row


def _sign(row: ScheduleTemplate, signer: Staff, statement: str, reason: str, now: datetime) -> None:
    signature = TemplateSignature(
        template_id=row.id,
        signed_by_id=signer.id,
        signer_name=signer.name,
        statement=statement,
        reason=reason,
        signed_at=now,
    )
    signature.digest = compute_signature_digest(row, signature)
    db.session.add(signature)
    audit.record(
        staff_actor(signer.id), "sign_template", TEMPLATE, row.id, now,
        version=row.version, digest=signature.digest,
    )  # fmt: skip


@transaction()
def retire_template(slug: str, staff_id: int, reason: str, now: datetime) -> None:
    """Offer a template no more; what was prescribed from it goes on. Twice changes nothing.

    Raises `PractitionerRequired`, and `NoResultFound` where there is no such template.
    """
    _require_practitioner(staff_id)
    lock_template(slug)
    newest = get_newest_version(slug)
    if newest.active:
        newest.active = False
        retirement = TemplateRetirement(
            slug=slug, reason=reason, retired_by_id=staff_id, retired_at=now
        )
        db.session.add(retirement)
        audit.record(staff_actor(staff_id), "retire_template", TEMPLATE, newest.id, now)


@transaction()
def reinstate_template(slug: str, staff_id: int, now: datetime) -> None:
    """Offer a retired template again, in its newest version. Raises what `retire_template` raises."""
    _require_practitioner(staff_id)
    lock_template(slug)
    newest, retirement = get_newest_version(slug), find_open_retirement(slug)
    if not newest.active:
        newest.active = True
        audit.record(staff_actor(staff_id), "reinstate_template", TEMPLATE, newest.id, now)
    if retirement is not None:
        retirement.reinstated_by_id, retirement.reinstated_at = staff_id, now


def get_newest_version(slug: str) -> ScheduleTemplate:
    """Return the newest version of a template; raise `NoResultFound`."""
    rows = select(ScheduleTemplate).filter_by(slug=slug)
    return db.session.scalars(rows.order_by(ScheduleTemplate.version.desc()).limit(1)).one()


def lock_template(slug: str) -> None:
    """Let others that change the template wait to the transaction's end; there may be no row of it yet."""
    lock_name(f"template:{slug}")


def _require_practitioner(staff_id: int) -> Staff:
    person = db.session.get_one(Staff, staff_id)
    if person.role is not Role.PRACTITIONER:
        raise PractitionerRequired
    return person


def _next_position() -> int:
    return (db.session.scalar(select(func.max(ScheduleTemplate.position))) or 0) + 1
