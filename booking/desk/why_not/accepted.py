"""What a patient asked for, and a payer authorised: said before the desk books against it, never silently."""

from collections.abc import Sequence
from datetime import datetime

from booking.calendars.overrides import OverriddenBy
from booking.calendars.ruled_days import RuledDay
from booking.dates import parse_instant
from booking.desk.time_form import TimeForm
from booking.desk.why_not.rule_words import explain_blocker
from booking.series.gap_rules import SeriesRule


def list_unaccepted_blockers(form: TimeForm, ruled: RuledDay, starts_at: datetime) -> Sequence[str]:
    """Return in sentences what binds plans, not the desk, and stands against a start (UTC).

    Nothing where it was accepted for this very start, nor where the operation refuses it in any case.
    """
    if parse_instant(form.accepted_start.data) == starts_at:
        return ()
    blockers = ruled.blockers_at(starts_at)
    overrides = {each.override for each in blockers}
    if OverriddenBy.NOBODY in overrides or (
        OverriddenBy.PRACTITIONER in overrides and not form.reason.data
    ):
        return ()
    return [
        explain_blocker(each, ruled.location.zone)
        for each in blockers
        if each.override is OverriddenBy.FRONT_DESK and isinstance(each.rule, SeriesRule)
    ]
