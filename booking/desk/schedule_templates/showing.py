"""The schedule templates, and one of them with all its versions and what changed from one to the next."""

from flask import abort, render_template

from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.schedule_templates.reading import (
    TemplateRecord,
    find_template_record,
    list_new_drafts,
    list_template_overviews,
    read_example,
)


@blueprint.get("/templates")
@access(Access.STAFF)
def list_schedule_templates() -> str:
    """Show every template in its newest version: what it says, who approved it when, and who uses it."""
    return render_template(
        "desk/schedule_templates/list.html",
        templates=list_template_overviews(),
        drafts=list_new_drafts(),
        zone=last_used_location().zone,
    )


@blueprint.get("/templates/<template_slug>")
@access(Access.STAFF)
def show_schedule_template(template_slug: str) -> str:
    """Show one template, what it means, and its versions."""
    return render_schedule_template(template_slug)


def render_schedule_template(slug: str, problem: str = "") -> str:
    """Return the page of one template, with a refusal at its top."""
    record = template_or_404(slug)
    return render_template(
        "desk/schedule_templates/template.html",
        record=record,
        newest=record.newest,
        example=read_example(record.latest_template.phases),
        zone=last_used_location().zone,
        problem=problem,
    )


def template_or_404(slug: str) -> TemplateRecord:
    """Return what is kept of a template."""
    return find_template_record(slug) or abort(404)
