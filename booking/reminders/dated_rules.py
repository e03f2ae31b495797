"""Which reminder rules hold for an appointment, where they changed since it was booked: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from booking.reminders.rules import AppointmentFacts, ReminderRule, compute_due

ALWAYS = datetime.min.replace(tzinfo=UTC)  # the first rules hold for all that is booked
RulesVersion = tuple[datetime, Sequence[ReminderRule]]  # when it began (UTC), and what it says


@dataclass(frozen=True, slots=True)
class DatedRule:
    """A rule, when it began to hold (UTC), and the one of its kind and channel that it replaced."""

    rule: ReminderRule
    began_at: datetime
    replaced: "DatedRule | None" = None


def date_rules(versions: Iterable[RulesVersion]) -> list[DatedRule]:
    """Return the rules of the newest of `versions`, which come from the oldest on."""
    dated_rules: list[DatedRule] = []
    for number, (began_at, rules) in enumerate(versions):
        last_rules = {(dated.rule.kind, dated.rule.channel): dated for dated in dated_rules}
        dated_rules = [
            _date_rule(
                rule, began_at if number else ALWAYS, last_rules.get((rule.kind, rule.channel))
            )
            for rule in rules
        ]
    return dated_rules


def _date_rule(rule: ReminderRule, began_at: datetime, last: DatedRule | None) -> DatedRule:
    return last if last and last.rule == rule else DatedRule(rule, began_at, last)


def select_rules(
    appointment: AppointmentFacts, dated_rules: Iterable[DatedRule]
) -> list[ReminderRule]:
    """Return the rules that hold for an appointment: of each kind, the newest that began in time for it.

    A rule begun after its message was to go sends nothing belatedly; the one it replaced stands there.
    """
    held_rules = (_find_held(appointment, dated) for dated in dated_rules)
    return [rule for rule in held_rules if rule is not None]


def _find_held(appointment: AppointmentFacts, dated: DatedRule | None) -> ReminderRule | None:
    while dated is not None and not _began_in_time(appointment, dated):
        dated = dated.replaced
    return dated.rule if dated else None


def _began_in_time(appointment: AppointmentFacts, dated: DatedRule) -> bool:
    due = compute_due(dated.rule, appointment)
    return due is None or due.send_at >= dated.began_at
