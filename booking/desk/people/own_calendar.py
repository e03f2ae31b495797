"""A practitioner's own calendar elsewhere: its address, one's own or by a manager anybody's."""

from flask import abort, current_app, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField, ValidationError
from wtforms.validators import InputRequired

from booking import clock
from booking.access import Access, access
from booking.busy_calendars.conflicts import list_conflicts
from booking.busy_calendars.operations import remove_calendar, set_calendar
from booking.busy_calendars.queries import find_calendar, find_calendar_state
from booking.busy_calendars.rules import parse_address
from booking.db.versions import lock_row, require_version
from booking.desk.form_versions import submitted_version
from booking.desk.people.blueprint import blueprint
from booking.desk.people.calendar_words import explain_address_fault
from booking.desk.people.factor_settings import get_calendar_address_box
from booking.desk.people.listing import active_person_or_404
from booking.desk.people.showing import home_zone
from booking.desk.refusals import FORM_REFUSALS, explain_refusal, explain_stale_version
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.locations import operations as locations
from booking.public_addresses import BadAddress
from booking.staff.models import Role, Staff
from booking.web.worded_forms import WordedForm


class CalendarForm(WordedForm):
    """Where a calendar is."""

    calendar_address = StringField(
        _l("Link to the calendar"),
        [InputRequired(_l("Enter the link."))],
        description=_l(
            "It begins with https:// or webcal:// and mostly ends in .ics. Google: Settings, “Secret "
            "address in iCal format”. Outlook: Shared calendars, Publish, ICS. iCloud: Public calendar."
        ),
    )

    def validate_calendar_address(self, field: StringField) -> None:
        """Refuse what no calendar is read from."""
        try:
            parse_address(field.data or "", with_loopback=_with_loopback())
        except BadAddress as error:
            raise ValidationError(explain_address_fault(error.fault)) from error

    @property
    def parsed_address(self) -> str:
        """The address as it is kept, once the form is valid."""
        return parse_address(self.calendar_address.data or "", with_loopback=_with_loopback())


@blueprint.get("/people/<int:staff_id>/calendar")
@access(Access.MANAGER, confirmed=True)
def edit_calendar(staff_id: int) -> str:
    """Show how a practitioner's own calendar stands."""
    return _page(_practitioner_or_404(staff_id), CalendarForm(formdata=None))


@blueprint.post("/people/<int:staff_id>/calendar")
@access(Access.MANAGER, confirmed=True)
def save_calendar_address(staff_id: int) -> AnyResponse | tuple[str, int]:
    """Keep the address of a practitioner's own calendar."""
    return _save(_practitioner_or_404(staff_id))


@blueprint.post("/people/<int:staff_id>/calendar/remove")
@access(Access.MANAGER, confirmed=True)
def forget_calendar(staff_id: int) -> AnyResponse | tuple[str, int]:
    """Forget a practitioner's own calendar."""
    return _remove(_practitioner_or_404(staff_id))


@blueprint.get("/account/calendar")
@access(Access.PRACTITIONER, confirmed=True)
def edit_own_calendar() -> str:
    """Show how one's own calendar stands."""
    return _page(_practitioner_or_404(current_user.id), CalendarForm(formdata=None))


@blueprint.post("/account/calendar")
@access(Access.PRACTITIONER, confirmed=True)
def save_own_calendar() -> AnyResponse | tuple[str, int]:
    """Keep the address of one's own calendar."""
    return _save(_practitioner_or_404(current_user.id))


@blueprint.post("/account/calendar/remove")
@access(Access.PRACTITIONER, confirmed=True)
def forget_own_calendar() -> AnyResponse | tuple[str, int]:
    """Forget one's own calendar."""
    return _remove(_practitioner_or_404(current_user.id))


def _practitioner_or_404(staff_id: int) -> Staff:
    """Return a practitioner who works here; nobody else's calendar is read."""
    person = active_person_or_404(staff_id)
    return person if person.role is Role.PRACTITIONER else abort(404)


def _save(person: Staff) -> AnyResponse | tuple[str, int]:
    form = CalendarForm()
    if not form.validate():
        return _page(person, form, explain_stale_version(_version(person.id))), 422

    def produce() -> RedirectWithNotice:
        _require_version(person.id)
        address, box = form.parsed_address, get_calendar_address_box()
        set_calendar(person.id, address, box, clock.now(), current_user.actor)
        return RedirectWithNotice(
            _address_of(person),
            str(_("The link is kept. The calendar is read within a minute or two.")),
        )

    try:
        return submit_once(produce).to_response()
    except FORM_REFUSALS as refusal:
        return _page(person, form, explain_refusal(refusal)), 422


def _remove(person: Staff) -> AnyResponse | tuple[str, int]:
    def produce() -> RedirectWithNotice:
        _require_version(person.id)
        remove_calendar(person.id, clock.now(), current_user.actor)
        return RedirectWithNotice(
            _address_of(person), str(_("The calendar is forgotten, and the busy times with it."))
        )

    try:
        return submit_once(produce).to_response()
    except FORM_REFUSALS as refusal:
        return _page(person, CalendarForm(formdata=None), explain_refusal(refusal)), 422


def _address_of(person: Staff) -> str:
    if person.id == current_user.id:
        return url_for("staff.edit_own_calendar")
    return url_for("staff.edit_calendar", staff_id=person.id)


def _page(person: Staff, form: CalendarForm, problem: str = "") -> str:
    now = clock.now()
    return render_template(
        "desk/people/calendar.html",
        person=person,
        form=form,
        state=find_calendar_state(person.id, get_calendar_address_box(), now),
        conflicts=list_conflicts(now, person.id),
        locations=locations.get_all_locations(),
        address=_address_of(person),
        version=_version(person.id),
        is_self=person.id == current_user.id,
        zone=home_zone(),
        problem=problem,
    )


def _version(staff_id: int) -> str:
    """Return which calendar a person has, whatever was read of it since."""
    calendar = find_calendar(staff_id)
    return calendar.added_at.isoformat() if calendar else "none"


def _require_version(staff_id: int) -> None:
    """Lock a person; raise `StaleVersion` unless their own calendar is the one that the form showed."""
    lock_row(Staff, staff_id)
    require_version(_version(staff_id), submitted_version())


def _with_loopback() -> bool:
    return bool(current_app.config["CALENDAR_LOOPBACK"])
