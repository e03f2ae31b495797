"""What the safety answers led to, and how long an answer lasted, as practitioners read them."""

from datetime import timedelta

from babel.dates import format_timedelta
from flask_babel import get_locale
from flask_babel import gettext as _

from booking.desk.blueprint import blueprint
from booking.screening.rules import ScreeningOutcome


def format_screening_outcome(outcome: ScreeningOutcome) -> str:
    """Return what the answers to the safety questions led to."""
    words: dict[ScreeningOutcome, str] = {
        ScreeningOutcome.HELP_FIRST: _("Shown where to get help; nothing could be booked."),
        ScreeningOutcome.ADULTS_ONLY: _("Told that the clinic treats adults only."),
        ScreeningOutcome.CALL_FIRST: _(
            "Told that a clinician calls first; nothing could be booked."
        ),
        ScreeningOutcome.FLAGGED: _("Could book; flagged for the visit."),
        ScreeningOutcome.GO_ON: _("Could book."),
    }
    return words[outcome]


def format_elapsed(elapsed: timedelta) -> str:
    """Return how long something took, in its largest unit: "2 minutes"."""
    return str(format_timedelta(elapsed, granularity="minute", locale=get_locale()))


for _show in (format_screening_outcome, format_elapsed):
    blueprint.add_app_template_filter(_show)
