"""A proposal to heal a series, as rows side by side and in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.series.healing import Healing, HealingWay
from booking.series.models import Session
from booking.series.planning.healing import PlannedChange
from booking.series.planning.requests import PlanSlot
from booking.series.progress import SessionState
from booking.series.series_calendars import slot_start


@dataclass(frozen=True, slots=True)
class ShownTime:
    """A time of a session: in UTC, where it is, and in which zone."""

    starts_at: datetime
    location: LocationCalendar

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the location."""
        return self.location.zone


@dataclass(frozen=True, slots=True)
class HealingRow:
    """One visit before and after; `gap` in days since the one before it, too long with `is_long`.

    `state` is "stays", "moves", "new" or "lost"; of what waits for a time, "waits".
    """

    number: int | None
    phase: str
    before: ShownTime | None
    after: ShownTime | None
    gap: int | None
    is_long: bool
    state: str


@dataclass(frozen=True, slots=True)
class HealingOption:
    """One proposal to choose; `may_apply` tells whether whoever is signed in may."""

    healing: Healing
    title: str
    facts: Sequence[str]
    rows: Sequence[HealingRow]
    may_apply: bool

    @property
    def value(self) -> str:
        """What the form sends for it."""
        return self.healing.order.way.value


def describe_option(healing: Healing, *, may_decide: bool) -> HealingOption:
    """Return a proposal as the page shows it to somebody who may decide, or may not."""
    return HealingOption(
        healing,
        format_way(healing),
        _describe_facts(healing),
        _list_rows(healing),
        may_decide or not healing.needs_practitioner,
    )


def format_way(healing: Healing) -> str:
    """Return what a proposal does, as a title."""
    if healing.order.way is HealingWay.FEWEST:
        return str(_("Move the fewest visits: a gap over the limit stands"))
    if healing.order.session_id is None and not (healing.moved_count or healing.lost_appointments):
        return str(_("Go on: the visits to come stay as they are"))
    if healing.order.session_id is None:
        return str(_("Other times for the visits that can't take place"))
    return name_way(healing.order.way)


def name_way(way: HealingWay) -> str:
    """Return what can be done about a session that was lost."""
    words: dict[HealingWay, str] = {
        HealingWay.REPEAT: _("Make it up as soon as possible"),
        HealingWay.ADD_AT_END: _("Make it up at the end of its phase"),
        HealingWay.GO_ON: _("Go on without it, within the limits"),
        HealingWay.AS_THEY_ARE: _("Go on without it: nothing else changes"),
    }
    return str(words[way])


def _describe_facts(healing: Healing) -> list[str]:
    facts = []
    if healing.new_count:
        facts.append(ngettext("%(num)d new visit", "%(num)d new visits", healing.new_count))
    if healing.moved_count:
        moved = ngettext("%(num)d visit moves", "%(num)d visits move", healing.moved_count)
        facts.append(moved)
    else:
        facts.append(_("no visit moves"))
    if lost := len(healing.lost_appointments):
        facts.append(
            ngettext(
                "%(num)d visit has no place and is cancelled",
                "%(num)d visits have no place and are cancelled",
                lost,
            )
        )
    if waiting := len(healing.plan.unplaced) - lost:
        facts.append(ngettext("%(num)d session waits", "%(num)d sessions wait", waiting))
    facts += [describe_long_gap(gap.days, gap.max_days) for gap in healing.long_gaps] or [
        _("every gap is kept")
    ]
    return [str(fact) for fact in facts]


def describe_long_gap(days: int, most: int) -> str:
    """Return a gap that is too long in words."""
    return str(
        ngettext(
            "a gap of %(num)d day (%(most)s at most)",
            "a gap of %(num)d days (%(most)s at most)",
            days,
            most=most,
        )
    )


def _list_rows(healing: Healing) -> list[HealingRow]:
    gaps = _list_gaps(healing)
    long_numbers = {gap.number for gap in healing.long_gaps}
    rows = [
        HealingRow(
            change.number,
            _phase_name(healing, change),
            _show(healing, change.before),
            _show(healing, change.after),
            gaps.get(change.number or 0),
            change.number in long_numbers,
            _state(change),
        )
        for change in healing.changes
    ]
    rows += _list_lost(healing)
    return sorted(rows, key=_first_start)


def _first_start(row: HealingRow) -> datetime:
    """Return when a row begins, afterwards or at least before; what never had a time comes first."""
    times = [each.starts_at for each in (row.after, row.before) if each]
    return times[0] if times else datetime.min.replace(tzinfo=UTC)


def _list_lost(healing: Healing) -> list[HealingRow]:
    """Return the session that the order is about as it was: without a time, or missed."""
    session = healing.lost_session
    if session is None:
        return []
    appointment = healing.basis.sessions[session.number].appointment
    catalogue = availability.current_catalogue()
    before = None
    if appointment is not None:
        location = catalogue.locations_by_id[appointment.location_id]
        before = ShownTime(appointment.starts_at, location)
    state = "missed" if session.state is SessionState.MISSED else "waits"
    return [HealingRow(session.number, _name(healing, session), before, None, None, False, state)]


def _name(healing: Healing, session: Session) -> str:
    return healing.basis.phases[session.phase].name


def _state(change: PlannedChange) -> str:
    if change.after is None:
        return "lost"
    if change.before is None:
        return "new"
    return "stays" if change.is_kept else "moves"


def _phase_name(healing: Healing, change: PlannedChange) -> str:
    number = change.number or change.old_number
    index = healing.request.phase_index(number) if number else 0
    return healing.basis.phases[index].name


def _list_gaps(healing: Healing) -> dict[int, int]:
    previous, gaps = healing.request.previous, dict[int, int]()
    for session in healing.plan.sessions:
        if previous is not None:
            gaps[session.number] = (session.day - previous.day).days
        previous = session.slot
    return gaps


def _show(healing: Healing, slot: PlanSlot | None) -> ShownTime | None:
    if slot is None:
        return None
    locations = availability.current_catalogue().locations_by_id.values()
    location = next(each for each in locations if each.slug == slot.location)
    return ShownTime(slot_start(slot, location.zone), location)
