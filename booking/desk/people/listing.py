"""Who works here, and one person's page: what a manager can change of it."""

from flask import abort, render_template, session
from flask_login import current_user

from booking import clock
from booking.access import Access, access
from booking.busy_calendars.queries import find_calendar_state
from booking.desk.people.blueprint import blueprint
from booking.desk.people.factor_settings import get_calendar_address_box
from booking.desk.people.showing import home_zone
from booking.desk.people.signed_in import idle_time
from booking.staff import invitations, people
from booking.staff.models import Staff
from booking.staff.passkeys import list_passkeys
from booking.staff.second_factors import has_second_factor
from booking.staff.sessions import list_staff_sessions

SHOWN_ONCE = "new_link"


@blueprint.get("/people")
@access(Access.MANAGER)
def list_people() -> str:
    """List everybody, those who left at the end."""
    return render_template("desk/people/people.html", people=people.list_people())


@blueprint.get("/people/<int:staff_id>")
@access(Access.MANAGER)
def show_person(staff_id: int) -> str:
    """Show one person; a link just made is shown this once."""
    person, now = person_or_404(staff_id), clock.now()
    link: tuple[int, str] | None = session.pop(SHOWN_ONCE, None)
    return render_template(
        "desk/people/person.html",
        person=person,
        link=link[1] if link and link[0] == person.id else None,
        calendar=find_calendar_state(person.id, get_calendar_address_box(), now),
        has_factor=has_second_factor(person.id),
        passkeys=list_passkeys(person.id),
        invitation=invitations.find_open_invitation(person.id, now),
        sessions=list_staff_sessions(person.id, now, idle_time()),
        is_self=person.id == current_user.id,
        zone=home_zone(),
    )


def person_or_404(staff_id: int) -> Staff:
    """Return a member of staff, a former one too; answer 404 when there is none."""
    return people.find_person(staff_id) or abort(404)


def active_person_or_404(staff_id: int) -> Staff:
    """Return somebody who works here; answer 404 when there is no such person."""
    person = person_or_404(staff_id)
    return person if person.active else abort(404)


def other_person_or_403(staff_id: int) -> Staff:
    """Return somebody else; answer 403 for the manager's own account: so one manager is always left."""
    person = person_or_404(staff_id)
    return abort(403) if person.id == current_user.id else person
