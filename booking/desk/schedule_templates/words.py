"""Schedules, and what differs between two of them, in words."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.clock import local_date
from booking.desk.blueprint import blueprint
from booking.desk.series.words import (
    describe_gap_range,
    describe_phase,
    format_miss_rule,
    format_sessions,
)
from booking.series.rules import Gap, MissRule, Phase
from booking.series.template_changes import ChangeKind, ScheduleChange
from booking.web.formats import format_long_date

HOUR = 60  # minutes


def format_local_date(instant: datetime, zone: ZoneInfo) -> str:
    """Return the day an instant falls on in `zone`, with its year."""
    return format_long_date(local_date(instant, zone.key))


def format_hours(minutes: int) -> str:
    """Return minutes as people say them, like "1 h 30 min"."""
    hours, rest = divmod(minutes, HOUR)
    parts = [str(_("%(count)d h", count=hours))] if hours else []
    parts += [str(_("%(count)d min", count=rest))] if rest or not hours else []
    return " ".join(parts)


def format_review(review_every: int | None) -> str:
    """Return after how many sessions a series is reviewed."""
    if review_every is None:
        return str(_("no review"))
    return str(ngettext("review after each session", "review after %(num)d sessions", review_every))


def describe_change(change: ScheduleChange) -> str:
    """Return one difference between two versions as a sentence."""
    phase, before, after = change.phase, change.before, change.after
    if change.kind is ChangeKind.PHASE_ADDED:
        return str(_("Added: %(phase)s (%(what)s)", phase=phase, what=describe_phase(after)))
    if change.kind is ChangeKind.PHASE_REMOVED:
        return str(_("Removed: %(phase)s (%(what)s)", phase=phase, what=describe_phase(before)))
    if change.kind is ChangeKind.PHASE_RENAMED:
        return str(_("“%(old)s” is called “%(new)s”", old=before, new=after))
    if change.kind is ChangeKind.ORDER:
        return str(_("The order is now: %(names)s", names=", ".join(after)))
    if change.kind is ChangeKind.OTHER:
        return str(_("%(phase)s: other rules", phase=phase))
    old, new = (_format_value(change.kind, value) for value in (before, after))
    return str(
        _("%(what)s: %(old)s → %(new)s", what=phase or _subject(change.kind), old=old, new=new)
    )


def _subject(kind: ChangeKind) -> str:
    words: dict[ChangeKind, str] = {
        ChangeKind.NAME: _("Name"),
        ChangeKind.TALK_THERAPY: _("Talk therapy"),
    }
    return words[kind]


def _format_value(kind: ChangeKind, value: object) -> str:
    if kind is ChangeKind.SESSIONS and (value is None or isinstance(value, int)):
        return format_sessions(value)
    if kind is ChangeKind.REVIEW and (value is None or isinstance(value, int)):
        return format_review(value)
    if kind is ChangeKind.TALK_THERAPY and (value is None or isinstance(value, int)):
        return format_talk_therapy_week(value)
    return _format_rule(value)


def _format_rule(value: object) -> str:
    if isinstance(value, MissRule):
        return str(_("after a miss: %(rule)s", rule=format_miss_rule(value)))
    if isinstance(value, Gap):
        return describe_gap_range(value)
    if isinstance(value, tuple):
        return str(_("%(parts)s minutes", parts=" + ".join(map(str, value))))
    return f"“{value}”" if value else str(_("none"))


def format_talk_therapy_week(weeks: int | None) -> str:
    """Return when somebody asks about talk therapy alongside."""
    if weeks is None:
        return str(_("not asked about"))
    return str(
        ngettext(
            "asked about %(num)d week after the first session, and at each review",
            "asked about %(num)d weeks after the first session, and at each review",
            weeks,
        )
    )


def format_chair_time(phase: Phase) -> str:
    """Return how long one session takes in the chair."""
    return format_hours(phase.appointment_minutes)


for _show in (
    *(format_hours, format_review, describe_change, format_talk_therapy_week),
    *(format_chair_time, format_local_date),
):
    blueprint.add_app_template_filter(_show)
