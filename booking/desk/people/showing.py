"""What pages of accounts have in common: the zone of their times, and a device in words."""

from babel.dates import get_day_names
from flask_babel import get_locale
from flask_babel import gettext as _

from booking.calendars import availability
from booking.desk.day.views import last_used_location
from booking.desk.people.blueprint import blueprint
from booking.staff.models import Role
from booking.staff.rules import describe_device
from booking.web.formats import format_clock


def home_zone() -> str:
    """Return the zone (IANA) in which times are shown: of the desk's location, UTC before there is one."""
    has_location = bool(availability.current_catalogue().locations)
    return last_used_location().zone.key if has_location else "UTC"


def format_device(user_agent: str) -> str:
    """Return a browser in words, like "Firefox on Windows"."""
    browser, system = describe_device(user_agent)
    if browser and system:
        return str(_("%(browser)s on %(system)s", browser=browser, system=system))
    return browser or system or str(_("Unknown browser"))


def format_role(role: Role) -> str:
    """Return a person's role."""
    words: dict[Role, str] = {
        Role.FRONT_DESK: _("Front desk"),
        Role.NURSE: _("Nurse"),
        Role.PRACTITIONER: _("Practitioner"),
        Role.MANAGER: _("Manager"),
    }
    return words[role]


def format_weekday_number(weekday: int) -> str:
    """Return a day of the week by its number, of which Monday's is 0."""
    return str(get_day_names("wide", locale=get_locale())[weekday])


blueprint.add_app_template_filter(format_device)
blueprint.add_app_template_filter(format_role)
blueprint.add_app_template_filter(format_weekday_number)
blueprint.add_app_template_filter(format_clock)
