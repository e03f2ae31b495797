"""The number at which staff are told of a crisis: one's own, and by a manager anybody's."""

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField, ValidationError

from booking import clock
from booking.access import Access, access
from booking.desk.form_versions import require_row_version, row_version
from booking.desk.forms import parse_field
from booking.desk.people.blueprint import blueprint
from booking.desk.people.listing import active_person_or_404
from booking.desk.refusals import FORM_REFUSALS, explain_refusal, explain_stale_version
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.staff.models import Staff
from booking.staff.phones import set_phone
from booking.web.contacts import parse_phone, require_textable
from booking.web.worded_forms import WordedForm


class PhoneForm(WordedForm):
    """A number that is texted, or none."""

    phone = StringField(
        _l("Mobile number"),
        description=_l("It is texted when a patient may be in danger, at any hour. Empty: never."),
    )

    def validate_phone(self, field: StringField) -> None:
        """Refuse what can't be a number, and one that gets no texts."""
        if phone := parse_field(parse_phone, field):
            try:
                require_textable(phone)
            except ValueError as error:
                raise ValidationError(str(error)) from error

    @property
    def parsed_phone(self) -> str | None:
        """The number as it is kept, once the form is valid."""
        return parse_field(parse_phone, self.phone)


@blueprint.get("/people/<int:staff_id>/phone")
@access(Access.MANAGER, confirmed=True)
def edit_phone(staff_id: int) -> str:
    """Show a person's number, to be changed."""
    person = active_person_or_404(staff_id)
    return _page(person, PhoneForm(formdata=None, phone=person.phone))


@blueprint.post("/people/<int:staff_id>/phone")
@access(Access.MANAGER, confirmed=True)
def save_phone(staff_id: int) -> AnyResponse | tuple[str, int]:
    """Keep a person's number."""
    return _save(active_person_or_404(staff_id), url_for("staff.show_person", staff_id=staff_id))


@blueprint.get("/account/phone")
@access(Access.STAFF, confirmed=True)
def edit_own_phone() -> str:
    """Show one's own number, to be changed."""
    person = active_person_or_404(current_user.id)
    return _page(person, PhoneForm(formdata=None, phone=person.phone))


@blueprint.post("/account/phone")
@access(Access.STAFF, confirmed=True)
def save_own_phone() -> AnyResponse | tuple[str, int]:
    """Keep one's own number."""
    return _save(active_person_or_404(current_user.id), url_for("staff.show_account"))


def _save(person: Staff, address: str) -> AnyResponse | tuple[str, int]:
    form = PhoneForm()
    if not form.validate():
        return _page(person, form, explain_stale_version(row_version(person))), 422

    def produce() -> RedirectWithNotice:
        require_row_version(Staff, person.id)
        set_phone(person.id, form.parsed_phone, clock.now(), current_user.actor)
        return RedirectWithNotice(address, str(_("The number is kept.")))

    try:
        return submit_once(produce).to_response()
    except FORM_REFUSALS as refusal:
        return _page(active_person_or_404(person.id), form, explain_refusal(refusal)), 422


def _page(person: Staff, form: PhoneForm, problem: str = "") -> str:
    return render_template(
        "desk/people/phone.html",
        person=person,
        form=form,
        is_self=person.id == current_user.id,
        problem=problem,
    )
