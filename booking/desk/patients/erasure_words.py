"""Erasing a record in words: why it can't be, and what to do."""

from flask_babel import gettext as _

from booking.desk.blueprint import blueprint
from booking.erasure.rules import ErasureObstacle


def explain_obstacle(obstacle: ErasureObstacle) -> str:
    """Return why a record can't be erased, and what to do."""
    words: dict[ErasureObstacle, str] = {
        ErasureObstacle.ERASED_ALREADY: _("It is erased already."),
        ErasureObstacle.MERGED: _("It was merged into another record, and is erased with that."),
        ErasureObstacle.LEGAL_HOLD: _("It has to be preserved: a legal hold stands."),
        ErasureObstacle.COMING_APPOINTMENT: _(
            "A visit is booked, or is over and nobody said how it ended: cancel or close it first."
        ),
        ErasureObstacle.RUNNING_SERIES: _("A series goes on: a practitioner ends it first."),
        ErasureObstacle.OPEN_TASK: _("A task about the patient is open: finish it first."),
        ErasureObstacle.OPEN_FLAG: _("A flag is open: a practitioner looks at it first."),
        ErasureObstacle.MESSAGE_WAITING: _(
            "A message to the patient is on its way: try again later."
        ),
    }
    return words[obstacle]


blueprint.add_app_template_filter(explain_obstacle)
