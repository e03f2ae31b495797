"""One's own account: where one is signed in, and how."""

from flask import render_template
from flask_login import current_user

from booking import clock
from booking.access import Access, access
from booking.busy_calendars.queries import find_calendar_state
from booking.desk.people.blueprint import blueprint
from booking.desk.people.factor_settings import get_calendar_address_box
from booking.desk.people.listing import active_person_or_404
from booking.desk.people.showing import home_zone
from booking.desk.people.signed_in import idle_time
from booking.staff.models import Role
from booking.staff.passkeys import list_passkeys
from booking.staff.second_factors import count_recovery_codes, find_app
from booking.staff.sessions import list_staff_sessions


@blueprint.get("/account")
@access(Access.STAFF)
def show_account() -> str:
    """Show one's sign-ins and what protects them."""
    return render_template(
        "desk/people/account.html",
        sessions=list_staff_sessions(current_user.id, clock.now(), idle_time()),
        zone=home_zone(),
        phone=active_person_or_404(current_user.id).phone,
        calendar_role=current_user.role is Role.PRACTITIONER,
        calendar=find_calendar_state(current_user.id, get_calendar_address_box(), clock.now()),
        factor=find_app(current_user.id),
        passkeys=list_passkeys(current_user.id),
        codes_left=count_recovery_codes(current_user.id),
    )
