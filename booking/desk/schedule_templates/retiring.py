"""A template that is offered no more, and one that is offered again: a practitioner's decision."""

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import require_template_version, template_version
from booking.desk.forms import ReasonForm
from booking.desk.refusals import FORM_REFUSALS, explain_refusal, explain_stale_version
from booking.desk.schedule_templates.showing import render_schedule_template, template_or_404
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.series import template_operations as templates


@blueprint.get("/templates/<template_slug>/retire")
@access(Access.PRACTITIONER)
def confirm_retire_template(template_slug: str) -> AnyResponse | str:
    """Ask why a template is offered no more; one that is not offered is on its page."""
    newest = template_or_404(template_slug).newest
    if newest is None or not newest.row.active:
        return redirect(_address(template_slug))
    return _page(template_slug, ReasonForm(formdata=None))


@blueprint.post("/templates/<template_slug>/retire")
@access(Access.PRACTITIONER)
def retire_template(template_slug: str) -> AnyResponse | tuple[str, int]:
    """Offer a template no more; series prescribed from it go on."""
    form, newest = ReasonForm(), template_or_404(template_slug).newest
    if newest is None:
        return redirect(_address(template_slug))
    if not form.validate():
        outdated = explain_stale_version(template_version(template_slug))
        return _page(template_slug, form, outdated), 422
    try:
        return submit_once(lambda: _retired(template_slug, form)).to_response()
    except FORM_REFUSALS as refusal:
        return _page(template_slug, form, explain_refusal(refusal)), 422


@blueprint.post("/templates/<template_slug>/reinstate")
@access(Access.PRACTITIONER)
def reinstate_template(template_slug: str) -> AnyResponse | tuple[str, int]:
    """Offer a retired template again."""
    if template_or_404(template_slug).newest is None:
        return redirect(_address(template_slug))
    try:
        return submit_once(lambda: _reinstated(template_slug)).to_response()
    except FORM_REFUSALS as refusal:
        return render_schedule_template(template_slug, explain_refusal(refusal)), 422


def _retired(slug: str, form: ReasonForm) -> RedirectWithNotice:
    require_template_version(slug)
    reason = (form.reason.data or "").strip()
    templates.retire_template(slug, current_user.id, reason, clock.now())
    return RedirectWithNotice(_address(slug), str(_("The template is retired.")))


def _reinstated(slug: str) -> RedirectWithNotice:
    require_template_version(slug)
    templates.reinstate_template(slug, current_user.id, clock.now())
    return RedirectWithNotice(_address(slug), str(_("The template is offered again.")))


def _address(slug: str) -> str:
    return url_for("desk.show_schedule_template", template_slug=slug)


def _page(slug: str, form: ReasonForm, problem: str = "") -> str:
    record = template_or_404(slug)
    return render_template(
        "desk/schedule_templates/retire.html",
        record=record,
        newest=record.newest,
        form=form,
        problem=problem,
    )
