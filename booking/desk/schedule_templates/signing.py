"""A draft beside the version it would replace; signing it with one's password, or throwing it away."""

from math import ceil

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.form_versions import require_template_version, template_version
from booking.desk.refusals import FORM_REFUSALS, explain_refusal, explain_stale_version
from booking.desk.schedule_templates.reading import TemplateRecord, read_example
from booking.desk.schedule_templates.showing import render_schedule_template, template_or_404
from booking.desk.schedule_templates.template_form import SigningForm
from booking.desk.sign_in import DEVICE
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.series import template_operations as templates
from booking.series.template_changes import compare_templates
from booking.staff.identity import confirm_identity
from booking.staff.sign_in_attempts import TooManySignInAttempts
from booking.web.cookies import parse_cookie

MINUTE = 60  # seconds


@blueprint.get("/templates/<template_slug>/draft")
@access(Access.PRACTITIONER)
def show_template_draft(template_slug: str) -> AnyResponse | str:
    """Show a draft, what it means and what it changes; signed meanwhile, the template."""
    record = template_or_404(template_slug)
    if record.draft is None:
        return redirect(_address(template_slug))
    return _page(record, SigningForm(formdata=None))


@blueprint.post("/templates/<template_slug>/draft/sign")
@access(Access.PRACTITIONER)
def sign_template(template_slug: str) -> AnyResponse | tuple[str, int]:
    """Make the draft a version that nobody changes any more, signed by who has the password."""
    template_or_404(template_slug)
    form = SigningForm()
    if not (form.validate() and _is_signer(form)):
        outdated = explain_stale_version(template_version(template_slug))
        return _page(template_or_404(template_slug), form, outdated), 422
    try:
        return submit_once(lambda: _signed(template_slug, form)).to_response()
    except templates.NoDraft:
        return redirect(_address(template_slug))
    except FORM_REFUSALS as refusal:
        return _page(template_or_404(template_slug), form, explain_refusal(refusal)), 422


@blueprint.post("/templates/<template_slug>/draft/discard")
@access(Access.PRACTITIONER)
def discard_template_draft(template_slug: str) -> AnyResponse | tuple[str, int]:
    """Throw the draft away; the template stays as it is."""
    template_or_404(template_slug)
    try:
        return submit_once(lambda: _discarded(template_slug)).to_response()
    except FORM_REFUSALS as refusal:
        record, form = template_or_404(template_slug), SigningForm(formdata=None)
        return _page(record, form, explain_refusal(refusal)), 422


def _is_signer(form: SigningForm) -> bool:
    """Tell whether the password is that of who is signed in; what is wrong is at its field."""
    now, device_key = clock.now(), parse_cookie(DEVICE)
    try:
        if confirm_identity(current_user.id, form.password.data or "", now, device_key):
            return True
        form.password.errors = [_("This is not your password.")]
    except TooManySignInAttempts as refusal:
        minutes = ceil((refusal.until - now).total_seconds() / MINUTE)
        form.password.errors = [_("Too many tries. Wait %(minutes)s min.", minutes=minutes)]
    return False


def _signed(slug: str, form: SigningForm) -> RedirectWithNotice:
    require_template_version(slug)
    statement, reason = (form.statement.data or "").strip(), (form.reason.data or "").strip()
    row = templates.sign_draft(slug, current_user.id, statement, reason, clock.now())
    notice = _("Version %(version)s is signed.", version=row.version)
    return RedirectWithNotice(_address(slug), str(notice))


def _discarded(slug: str) -> RedirectWithNotice:
    require_template_version(slug)
    was_signed = bool(template_or_404(slug).versions)
    templates.discard_draft(slug, current_user.id, clock.now())
    to = _address(slug) if was_signed else url_for("desk.list_schedule_templates")
    return RedirectWithNotice(to, str(_("The draft is discarded.")))


def _address(slug: str) -> str:
    return url_for("desk.show_schedule_template", template_slug=slug)


def _page(record: TemplateRecord, form: SigningForm, problem: str = "") -> str:
    """Signed or discarded meanwhile, there is no draft to show: then it is the template's page."""
    if record.draft is None:
        return render_schedule_template(record.slug, problem)
    template, newest = record.latest_template, record.newest
    return render_template(
        "desk/schedule_templates/draft.html",
        record=record,
        template=template,
        newest=newest,
        changes=compare_templates(newest.template, template) if newest else [],
        example=read_example(template.phases),
        form=form,
        problem=problem,
        zone=last_used_location().zone,
    )
