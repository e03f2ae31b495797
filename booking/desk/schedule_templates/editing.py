"""Editing a template: its phases come, go and change places by buttons, and what is saved is a draft."""

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import (
    require_template_version,
    submitted_version,
    template_version,
)
from booking.desk.refusals import FORM_REFUSALS, explain_refusal, explain_stale_version
from booking.desk.schedule_templates.showing import template_or_404
from booking.desk.schedule_templates.template_form import TemplateForm, build_initial_values
from booking.desk.series.rearranging import is_rearrangement, rearrange_phases
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.series import template_operations as templates
from booking.series.rules import Gap, Phase
from booking.series.template_operations import TemplateNameTaken
from booking.series.templates import Template

BEGUN_WITH = Template("", {"en": ""}, 0, "", (Phase("", 6, Gap(2, 3, 4, 5), 15, 45, 30),))


@blueprint.get("/templates/new")
@access(Access.PRACTITIONER)
def begin_template() -> str:
    """Show the form of a new template, with one phase to start from."""
    return _page("", TemplateForm(formdata=None, data=build_initial_values(BEGUN_WITH)))


@blueprint.post("/templates/new")
@access(Access.PRACTITIONER)
def create_template() -> AnyResponse | str | tuple[str, int]:
    """Keep a new template as a draft, or change how its phases stand in the form."""
    return _save("", BEGUN_WITH)


@blueprint.get("/templates/<template_slug>/edit")
@access(Access.PRACTITIONER)
def edit_template(template_slug: str) -> str:
    """Show the form with the draft, or else with the newest version."""
    template = template_or_404(template_slug).latest_template
    return _page(template_slug, TemplateForm(formdata=None, data=build_initial_values(template)))


@blueprint.post("/templates/<template_slug>/edit")
@access(Access.PRACTITIONER)
def save_template_draft(template_slug: str) -> AnyResponse | str | tuple[str, int]:
    """Keep what was typed as the template's draft, or change how its phases stand in the form."""
    return _save(template_slug, template_or_404(template_slug).latest_template)


def _save(slug: str, original: Template) -> AnyResponse | str | tuple[str, int]:
    """`original` is what the form began with: what no field shows stays as it is there."""
    step = request.form.get("step", "")
    if is_rearrangement(step):
        fields, index = rearrange_phases(request.form, step)
        return _page(slug, TemplateForm(fields), version=submitted_version(), focus=index)
    form = TemplateForm()
    template = form.read_template(slug, original)
    if template is None:
        outdated = explain_stale_version(template_version(slug)) if slug else ""
        return _page(slug, form, outdated, is_wrong=True), 422
    try:
        return submit_once(lambda: _saved(template, is_new=not slug)).to_response()
    except TemplateNameTaken:
        form.name_en.errors = [_("There is a template with this name, or one too much like it.")]
        return _page(slug, form, is_wrong=True), 422
    except FORM_REFUSALS as refusal:
        return _page(slug, form, explain_refusal(refusal)), 422


def _saved(template: Template, *, is_new: bool) -> RedirectWithNotice:
    if not is_new:
        require_template_version(template.slug)
    templates.save_draft(template, current_user.id, clock.now(), is_new=is_new)
    to = url_for("desk.show_template_draft", template_slug=template.slug)
    return RedirectWithNotice(to, str(_("Saved as a draft. It is offered once it is signed.")))


def _page(
    slug: str,
    form: TemplateForm,
    problem: str = "",
    *,
    version: str | None = None,
    focus: int | None = None,
    is_wrong: bool = False,
) -> str:
    """`version` is what the form was first shown at, while its phases only change places."""
    record = template_or_404(slug) if slug else None
    return render_template(
        "desk/schedule_templates/edit.html",
        slug=slug,
        record=record,
        form=form,
        problem=problem,
        version=version or (template_version(slug) if slug else ""),
        focus=focus,
        is_wrong=is_wrong,
    )
