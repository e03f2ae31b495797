"""The second step of signing in: a code of the app, or a recovery code."""

from math import ceil

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.people.blueprint import blueprint
from booking.desk.people.factor_forms import CodeForm
from booking.desk.people.factor_settings import get_second_factor_box
from booking.desk.sign_in import AWAITING, complete_sign_in
from booking.staff import awaiting
from booking.staff.sign_in_attempts import TooManySignInAttempts


@blueprint.get("/sign-in/code")
@access(Access.PUBLIC)
def show_second_step() -> AnyResponse | str:
    """Ask for a code; without a password given a moment ago, for that."""
    if awaiting.find_awaiting(session.get(AWAITING, ""), clock.now()) is None:
        return redirect(url_for("staff.show_sign_in", next=request.args.get("next")))
    return render_template("desk/people/second_step.html", form=CodeForm(formdata=None))


@blueprint.post("/sign-in/code")
@access(Access.PUBLIC)
def submit_second_step() -> AnyResponse | tuple[str, int]:
    """Sign in with a right code; the sign-in has another key from then on."""
    form, now, key = CodeForm(), clock.now(), session.get(AWAITING, "")
    if awaiting.find_awaiting(key, now) is None:
        return redirect(url_for("staff.show_sign_in", next=request.args.get("next")))
    new_key = None
    try:
        if form.validate():
            new_key = awaiting.pass_second_step(key, form.chosen_code, get_second_factor_box(), now)
    except TooManySignInAttempts as refusal:
        raise TooManyRequests(retry_after=ceil((refusal.until - now).total_seconds())) from refusal
    if new_key is None:
        form.code.errors = [*form.code.errors] or [_("This code is not right, or was used before.")]
        return render_template("desk/people/second_step.html", form=form), 422
    return complete_sign_in(new_key)
