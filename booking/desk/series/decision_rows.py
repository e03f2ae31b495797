"""What was decided about a series, in words: pauses, what followed them, new plans, its end, its spacing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.adaptive.models import ProposalStatus, SpacingOrder, SpacingProposal
from booking.adaptive.queries import list_orders, list_proposals
from booking.desk.series.change_words import format_frequency, format_pause_decision
from booking.series.healing import HealingWay
from booking.series.models import SeriesDecision, SeriesPause
from booking.series.progress import DecisionKind, PauseDecision
from booking.series.timeline import SeriesTimeline
from booking.staff.queries import get_staff_names
from booking.web.formats import format_day

GIVES_UP = (HealingWay.GO_ON.value, HealingWay.AS_THEY_ARE.value)


@dataclass(frozen=True, slots=True)
class DecisionWords:
    """One decision: when it was made (UTC), what it was, by whom, and why; `who` is empty for the service."""

    at: datetime
    what: str
    who: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Decision:
    at: datetime
    what: str
    staff_id: int | None
    why: str = ""


def list_decision_words(timeline: SeriesTimeline, *, with_scores: bool) -> list[DecisionWords]:
    """Return the decisions about a series; those on spacing, which follow scores, only `with_scores`."""
    decisions = [*_pauses(timeline.pauses), *_decisions(timeline.decisions)]
    if with_scores:
        series_id = timeline.series.id
        decisions += [*_orders(list_orders(series_id)), *_proposals(list_proposals(series_id))]
    names = get_staff_names([each.staff_id for each in decisions if each.staff_id])
    return [
        DecisionWords(each.at, each.what, names.get(each.staff_id or 0, ""), each.why)
        for each in decisions
    ]


def _pauses(pauses: Iterable[SeriesPause]) -> Iterator[_Decision]:
    for pause in pauses:
        yield _Decision(pause.paused_at, _describe_pause(pause), pause.paused_by_id, pause.reason)
        decision, decided_at = pause.decision, pause.decided_at
        if decision is None or decided_at is None or pause.decided_by_id is None:
            continue
        if decision is not PauseDecision.END:  # that it was stopped is a decision of its own
            what = str(_("After the pause: %(how)s", how=format_pause_decision(decision)))
            yield _Decision(decided_at, what, pause.decided_by_id, pause.decision_reason)


def _describe_pause(pause: SeriesPause) -> str:
    first = format_day(pause.first_day)
    if pause.last_day is None:
        return str(_("Rests from %(first)s until further notice", first=first))
    if pause.last_day < pause.first_day:
        return str(_("Was to rest from %(first)s; it went on before", first=first))
    return str(_("Rests from %(first)s to %(last)s", first=first, last=format_day(pause.last_day)))


def _decisions(decisions: Iterable[SeriesDecision]) -> Iterator[_Decision]:
    for decision in decisions:
        is_stop = decision.kind is DecisionKind.STOPPED
        what = str(_("Stopped")) if is_stop else _describe_healing(decision)
        yield _Decision(decision.decided_at, what, decision.decided_by_id, decision.reason)


def _describe_healing(decision: SeriesDecision) -> str:
    details = decision.details
    what, number = _("Planned anew"), details.get("number")
    if number is not None and details.get("way") in GIVES_UP:
        what = _("Goes on without session %(number)s", number=number)
    new, moved, lost = (details.get(name, 0) for name in ("new", "moved", "lost"))
    facts = [
        ngettext("%(num)d new visit", "%(num)d new visits", new) if new else "",
        ngettext("%(num)d visit moved", "%(num)d visits moved", moved) if moved else "",
        ngettext("%(num)d visit cancelled", "%(num)d visits cancelled", lost) if lost else "",
    ]
    if longest := details.get("longest_gap"):
        facts.append(_("a gap of %(days)s days let stand", days=longest))
    return ", ".join([str(what), *(str(fact) for fact in facts if fact)])


def _orders(orders: Iterable[SpacingOrder]) -> Iterator[_Decision]:
    for order in orders:
        what = str(_("A rule for the spacing by scores is in force"))
        yield _Decision(order.ordered_at, what, order.ordered_by_id, order.reason)
        if order.ended_at is not None:
            ended = str(_("The rule for the spacing by scores ended"))
            yield _Decision(order.ended_at, ended, order.ended_by_id)


def _proposals(proposals: Iterable[SpacingProposal]) -> Iterator[_Decision]:
    for proposal in proposals:
        if proposal.decided_by_id is None or proposal.decided_at is None:
            continue
        values = {
            "before": format_frequency(proposal.from_days),
            "after": format_frequency(proposal.to_days),
        }
        what = (
            _("Scores proposed %(after)s in place of %(before)s: applied", **values)
            if proposal.status is ProposalStatus.APPLIED
            else _("Scores proposed %(after)s in place of %(before)s: left as it was", **values)
        )
        yield _Decision(proposal.decided_at, str(what), proposal.decided_by_id, proposal.reason)
