"""Setting up an authenticator app, and recovery codes: shown once, each of them counts once."""

from math import ceil
from urllib.parse import urlsplit

import pyotp
import segno
from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.people.blueprint import blueprint
from booking.desk.people.factor_forms import CodeForm
from booking.desk.people.factor_settings import get_second_factor_box
from booking.desk.people.listing import person_or_404
from booking.staff import second_factors
from booking.staff.second_factors import AlreadySetUp
from booking.staff.sign_in_attempts import TooManySignInAttempts

GROUP = 4  # letters of a secret shown together


@blueprint.get("/account/app")
@access(Access.STAFF, confirmed=True, for_enrolment=True)
def show_app() -> str:
    """Show what is set up, or the secret of what is being set up."""
    return _page(CodeForm(formdata=None))


@blueprint.post("/account/app/begin")
@access(Access.STAFF, confirmed=True, for_enrolment=True)
def begin_app() -> AnyResponse:
    """Make a secret for an app; it counts once a code has confirmed it."""
    try:
        second_factors.begin_app(current_user.id, get_second_factor_box(), clock.now())
    except AlreadySetUp:
        flash(_("An app is set up already."))
    return redirect(url_for("staff.show_app"))


@blueprint.post("/account/app/confirm")
@access(Access.STAFF, confirmed=True, for_enrolment=True)
def confirm_app() -> str | tuple[str, int]:
    """Let the app count once its code is right; show the recovery codes, this once."""
    form, now, codes = CodeForm(), clock.now(), None
    try:
        if form.validate():
            code = form.chosen_code
            codes = second_factors.activate_app(current_user.id, code, get_second_factor_box(), now)
            form.code.errors = [] if codes else [_("This code is not right. Is the phone's clock?")]
    except TooManySignInAttempts as refusal:
        minutes = ceil((refusal.until - now).total_seconds() / 60)
        form.code.errors = [_("Too many tries. Wait %(minutes)s min.", minutes=minutes)]
    return _codes_page(codes) if codes else (_page(form), 422)


@blueprint.post("/account/app/remove")
@access(Access.STAFF, confirmed=True)
def remove_app() -> AnyResponse:
    """Let the password alone do again."""
    second_factors.remove_second_factor(current_user.id, clock.now(), current_user.actor)
    flash(_("Signing in takes your password alone."))
    return redirect(url_for("staff.show_account"))


@blueprint.post("/account/recovery-codes")
@access(Access.STAFF, confirmed=True)
def make_recovery_codes() -> AnyResponse | str:
    """Make new recovery codes and show them, this once; those before count no more."""
    if not second_factors.has_second_factor(current_user.id):
        return redirect(url_for("staff.show_app"))
    return _codes_page(second_factors.replace_recovery_codes(current_user.id, clock.now()))


def _page(form: CodeForm) -> str:
    secret = second_factors.find_unconfirmed_secret(current_user.id, get_second_factor_box())
    return render_template(
        "desk/people/app.html",
        form=form,
        factor=second_factors.find_app(current_user.id),
        codes_left=second_factors.count_recovery_codes(current_user.id),
        groups=[secret[at : at + GROUP] for at in range(0, len(secret), GROUP)] if secret else [],
        picture=_draw(secret) if secret else None,
    )


def _draw(secret: str) -> Markup:
    """Return the QR code that hands a secret to an app, as SVG; it names the host, not the clinic."""
    host = urlsplit(current_app.config["PUBLIC_URL"]).hostname or ""
    email = person_or_404(current_user.id).email
    address = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=host)
    drawn = segno.make(address, error="m").svg_inline(scale=4, light="#fff", svgclass="qr")
    return Markup(drawn)  # noqa: S704 - the library's own; texts are dots in it


def _codes_page(codes: list[str]) -> str:
    return render_template("desk/people/recovery_codes.html", codes=codes)
