"""Practitioners' own calendars in words: why one isn't read, why an address isn't kept; and where."""

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from booking.busy_calendars.rules import ReadFailure
from booking.desk.people.blueprint import blueprint
from booking.public_addresses import AddressFault
from booking.staff.models import Role, Staff


def explain_read_failure(reason: ReadFailure) -> str:
    """Return why a calendar isn't read, and what to do."""
    words: dict[ReadFailure, str] = {
        ReadFailure.NOT_PUBLIC: _("Its server is not on the internet, and others are not asked."),
        ReadFailure.NOT_REACHED: _("Its server doesn't answer."),
        ReadFailure.NOT_SECURE: _("Its server has no valid certificate, or leads to one without."),
        ReadFailure.REFUSED: _("Its server gives no calendar under this link. Was it made anew?"),
        ReadFailure.TOO_MANY_REDIRECTS: _("The link leads on and on, and nowhere."),
        ReadFailure.TOO_SLOW: _("Its server takes too long."),
        ReadFailure.TOO_LARGE: _("The calendar is larger than 5 MB."),
        ReadFailure.NO_CALENDAR: _("The link leads to something else than a calendar file."),
        ReadFailure.TOO_MUCH: _("The calendar has more events than can be read."),
        ReadFailure.UNREADABLE_ADDRESS: _("The link can't be read any more. Enter it anew."),
    }
    return words[reason]


def explain_address_fault(fault: AddressFault) -> str:
    """Return why an address isn't kept, and what to do."""
    words: dict[AddressFault, str] = {
        AddressFault.NOT_HTTPS: _("Enter a link that begins with https:// or webcal://."),
        AddressFault.NO_ADDRESS: _("This is no link to a calendar. Copy the whole of it."),
        AddressFault.HAS_PASSWORD: _("Enter a link without a user and password before the “@”."),
        AddressFault.NOT_PUBLIC: _("This server is not on the internet, and others are not asked."),
        AddressFault.TOO_LONG: _("This link is too long: at most 1,000 characters."),
    }
    return words[fault]


def find_calendar_page(person: Staff) -> str | None:
    """Return where whoever is signed in mends a person's calendar; None for who may not."""
    if person.id == current_user.id:
        return url_for("staff.edit_own_calendar")
    is_manager = current_user.role is Role.MANAGER
    return url_for("staff.edit_calendar", staff_id=person.id) if is_manager else None


blueprint.add_app_template_filter(explain_read_failure)
