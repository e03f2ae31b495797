"""The work list's groups and deadlines, as the desk reads them."""

from datetime import timedelta

from flask_babel import gettext as _

from booking.desk.blueprint import blueprint
from booking.tasks.groups import WorkGroup


def format_work_group(group: WorkGroup) -> str:
    """Return what the tasks of a group of the work list are about."""
    words: dict[WorkGroup, str] = {
        WorkGroup.CRISIS: _("Crisis"),
        WorkGroup.OVERDUE: _("Overdue"),
        WorkGroup.CALLS: _("Calls"),
        WorkGroup.TEXTS: _("Texts to read"),
        WorkGroup.SESSIONS: _("Sessions without a time, and gaps"),
        WorkGroup.CLOSURES: _("Closures and what can't take place"),
        WorkGroup.CONTACTS: _("Numbers, addresses and details"),
        WorkGroup.DECISIONS: _("Decisions and reviews"),
    }
    return words[group]


def format_opening_time(left: timedelta) -> str:
    """Return how much opening time is left until a deadline."""
    hours, minutes = divmod(left // timedelta(minutes=1), 60)
    if not hours and not minutes:
        return str(_("closed until then"))
    return str(_("%(hours)s h %(minutes)s min of opening left", hours=hours, minutes=minutes))


for _format in (format_work_group, format_opening_time):
    blueprint.add_app_template_filter(_format)
