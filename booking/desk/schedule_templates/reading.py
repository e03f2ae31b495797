"""What the pages of schedule templates show: versions with what changed, drafts, and an example."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from booking import clock
from booking.desk.day.views import last_used_location
from booking.series.models import (
    ScheduleTemplate,
    TemplateDraft,
    TemplateRetirement,
    TemplateSignature,
)
from booking.series.rules import Phase
from booking.series.schedule_fits import count_fitting_days, is_fitting_day
from booking.series.schedule_previews import SchedulePreview, preview_schedule
from booking.series.template_changes import ScheduleChange, compare_templates
from booking.series.template_queries import (
    TemplateUse,
    count_uses,
    count_uses_by_slug,
    find_draft,
    find_open_retirement,
    get_signatures,
    is_signature_intact,
    list_drafts,
    list_newest_versions,
    list_versions,
)
from booking.series.templates import Template
from booking.staff.queries import get_staff_names

WEEK = 7  # days


@dataclass(frozen=True, slots=True)
class ListedTemplate:
    """One template of the list: its newest version, who signed it, who uses it, and what is in the making."""

    row: ScheduleTemplate
    template: Template
    signature: TemplateSignature | None
    use: TemplateUse
    has_draft: bool


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """One version with its signature, whether that still holds, its uses, and what it changed."""

    row: ScheduleTemplate
    template: Template
    signature: TemplateSignature | None
    is_intact: bool
    use: TemplateUse
    changes: Sequence[ScheduleChange]


@dataclass(frozen=True, slots=True)
class TemplateRecord:
    """All that is kept of one template; the newest version first. `names` are those of staff, by id."""

    slug: str
    versions: Sequence[TemplateVersion]
    draft: TemplateDraft | None
    draft_template: Template | None
    retirement: TemplateRetirement | None
    names: dict[int, str]

    @property
    def newest(self) -> TemplateVersion | None:
        """The newest version; None of a template that was never signed."""
        return self.versions[0] if self.versions else None

    @property
    def latest_template(self) -> Template:
        """What is edited further: the draft, or else the newest version."""
        return self.draft_template or self.versions[0].template


@dataclass(frozen=True, slots=True)
class ScheduleExample:
    """What a schedule means at the location that whoever reads it works at."""

    location: str
    preview: SchedulePreview
    fitting_days: dict[str, int]


def list_template_overviews() -> list[ListedTemplate]:
    """Return every template that was signed or loaded, those offered first."""
    rows, uses = list_newest_versions(), count_uses_by_slug()
    signatures = get_signatures([row.id for row in rows])
    drafts = {draft.slug for draft in list_drafts()}
    return [
        ListedTemplate(
            row,
            Template.from_dict(row.data),
            signatures.get(row.id),
            uses.get(row.slug, TemplateUse()),
            row.slug in drafts,
        )
        for row in rows
    ]


def list_new_drafts() -> list[tuple[TemplateDraft, Template]]:
    """Return drafts of templates that have no version yet."""
    return [
        (draft, Template.from_dict(draft.data))
        for draft in list_drafts()
        if draft.base_version == 0
    ]


def find_template_record(slug: str) -> TemplateRecord | None:
    """Return what is kept of a template; None where there is neither a version nor a draft."""
    rows, draft = list_versions(slug), find_draft(slug)
    if not rows and draft is None:
        return None
    retirement = find_open_retirement(slug)
    people = {draft.saved_by_id} if draft else set()
    people |= {retirement.retired_by_id} if retirement else set()
    return TemplateRecord(
        slug,
        _read_versions(rows),
        draft,
        Template.from_dict(draft.data) if draft else None,
        retirement,
        get_staff_names(people),
    )


def _read_versions(rows: Sequence[ScheduleTemplate]) -> list[TemplateVersion]:
    signatures, uses = get_signatures([row.id for row in rows]), count_uses()
    templates = [Template.from_dict(row.data) for row in rows]
    versions = []
    for index, (row, template) in enumerate(zip(rows, templates, strict=True)):
        signature = signatures.get(row.id)
        previous = templates[index + 1] if index + 1 < len(templates) else None
        versions.append(
            TemplateVersion(
                row,
                template,
                signature,
                signature is not None and is_signature_intact(row, signature),
                uses.get(row.id, TemplateUse()),
                compare_templates(previous, template) if previous else (),
            )
        )
    return versions


def read_example(phases: Sequence[Phase]) -> ScheduleExample:
    """Return what phases mean for a series that begins next Monday."""
    location = last_used_location()
    monday = _next_monday(clock.local_date(clock.now(), location.zone.key))
    preview = preview_schedule(phases, monday, partial(is_fitting_day, phases, location))
    return ScheduleExample(location.name, preview, count_fitting_days(phases, monday))


def _next_monday(today: date) -> date:
    return today + timedelta(days=WEEK - today.weekday())
