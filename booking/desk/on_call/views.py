"""The rota: who is on call, from when to when, by the wall clock of the location."""

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse
from wtforms import DateTimeLocalField, SelectField
from wtforms.validators import InputRequired

from booking import clock
from booking.access import Access, access
from booking.dates import is_plausible_date
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.form_versions import require_row_version
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.messaging.models import Message
from booking.on_call import operations
from booking.on_call.alerting import list_alerts
from booking.on_call.models import OnCallTurn
from booking.on_call.operations import TurnRefused
from booking.on_call.rules import TurnProblem
from booking.staff.models import Role
from booking.staff.queries import get_staff_names, list_colleagues
from booking.web.worded_forms import WordedForm

FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


class TurnForm(WordedForm):
    """Who, from when to when."""

    person = SelectField(_l("Person"), [InputRequired(_l("Choose a person."))], choices=[])
    begins = DateTimeLocalField(
        _l("From"), [InputRequired(_l("Enter a day and time."))], format=FORMATS
    )
    ends = DateTimeLocalField(
        _l("To"), [InputRequired(_l("Enter a day and time."))], format=FORMATS
    )

    def set_choices(self) -> "TurnForm":
        """Offer those with a phone number; return the form."""
        people = [(str(each.id), each.name) for each in list_colleagues() if each.phone]
        self.person.choices = [("", _l("Choose…")), *people]
        return self

    def validate_times(self) -> bool:
        """Tell whether it is right; a year that can't be meant is said at its field."""
        is_valid = bool(self.validate())
        for field in (self.begins, self.ends):
            if field.data and not is_plausible_date(field.data.date()):
                field.errors, is_valid = [_("Enter a day of these years.")], False
        return is_valid


@blueprint.get("/on-call")
@access(Access.STAFF)
def show_rota() -> str:
    """Show who is on call now and later."""
    return _page(TurnForm(formdata=None).set_choices())


@blueprint.post("/on-call")
@access(Access.STAFF)
def add_turn() -> AnyResponse | tuple[str, int]:
    """Put a turn on the rota."""
    _require_rota_role()
    form = TurnForm().set_choices()
    if not form.validate_times():
        return _page(form), 422
    try:
        return submit_once(lambda: _added(form)).to_response()
    except TurnRefused as refusal:
        form.ends.errors = [_explain_problem(refusal.problem)]
        return _page(form), 422
    except FORM_REFUSALS as refusal:
        return _page(form, explain_refusal(refusal)), 422


@blueprint.post("/on-call/<int:turn_id>/remove")
@access(Access.STAFF)
def remove_turn(turn_id: int) -> AnyResponse | tuple[str, int]:
    """Take a turn off the rota."""
    _require_rota_role()
    if operations.find_turn(turn_id) is None:
        abort(404)
    try:
        return submit_once(lambda: _removed(turn_id)).to_response()
    except FORM_REFUSALS as refusal:
        return _page(TurnForm(formdata=None).set_choices(), explain_refusal(refusal)), 422


def list_crisis_alerts(task_id: int) -> list[tuple[str, Message]]:
    """Return who of the staff was texted about a crisis, and what became of each text."""
    alerts = list_alerts(task_id)
    names = get_staff_names([staff_id for staff_id, _message in alerts])
    return [(names[staff_id], message) for staff_id, message in alerts]


def _added(form: TurnForm) -> RedirectWithNotice:
    begins, ends = form.begins.data, form.ends.data
    assert begins is not None and ends is not None  # noqa: S101, PT018 - a valid form has both
    operations.add_turn(
        int(form.person.data),
        begins,
        ends,
        last_used_location().zone.key,
        current_user.id,
        clock.now(),
    )
    return RedirectWithNotice(url_for("desk.show_rota"), str(_("On the rota.")))


def _removed(turn_id: int) -> RedirectWithNotice:
    require_row_version(OnCallTurn, turn_id)
    operations.remove_turn(turn_id, current_user.id, clock.now())
    return RedirectWithNotice(url_for("desk.show_rota"), str(_("Taken off the rota.")))


def _require_rota_role() -> None:
    if not _may_change_rota():
        abort(403)


def _may_change_rota() -> bool:
    """Tell whether whoever is signed in says who is on call: clinicians and managers."""
    return bool(current_user.role.is_clinician or current_user.role is Role.MANAGER)


def _explain_problem(problem: TurnProblem) -> str:
    words: dict[TurnProblem, str] = {
        TurnProblem.ENDS_FIRST: _("Choose an end after the beginning."),
        TurnProblem.TOO_LONG: _("A turn lasts 31 days at most."),
        TurnProblem.IS_OVER: _("This is over already. Choose a later end."),
    }
    return str(words[problem])


def _page(form: TurnForm, problem: str = "") -> str:
    now = clock.now()
    return render_template(
        "desk/on_call/rota.html",
        turns=operations.list_turns(now),
        people={person.id: person for person in list_colleagues()},
        form=form,
        typed=request.form,
        now=now,
        zone=last_used_location().zone.key,
        may_change=_may_change_rota(),
        problem=problem,
    )


blueprint.add_app_template_global(list_crisis_alerts)
