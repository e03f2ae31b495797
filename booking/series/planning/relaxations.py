"""When nothing fits: the rule that binds, and the smallest relaxation with which a plan exists."""

from collections.abc import Iterable

from booking.series.planning.binding_rules import Change, RelaxableRule, Relaxation, has_plan
from booking.series.planning.relaxed_rules import list_relaxable_rules
from booking.series.planning.requests import PlanRequest


def list_relaxations(request: PlanRequest) -> list[Relaxation]:
    """Return each single relaxation with which every session has a place.

    Wishes come first, then what a payer or a practitioner may extend, and time made free last; of each rule
    the smallest.
    """
    results = (rule.search(request) for rule in list_relaxable_rules(request))
    return [result[0] for result in results if result is not None]


def combine_relaxations(request: PlanRequest) -> list[Relaxation]:
    """Return relaxations of several rules with which, all together, every session has a place.

    For where no single one is enough. None of the rules can be left out, and each gives way as little as it
    can once those before it have, and those after it may altogether. Empty where nothing helps.
    """
    rules, relaxations = _binding_rules(request), list[Relaxation]()
    for number, rule in enumerate(rules, 1):
        result = rule.search(_drop(rules[number:], request))
        assert result is not None  # noqa: S101 - dropped, the rules make a plan
        relaxation, change = result
        relaxations.append(relaxation)
        request = change(request)
    return relaxations


def _binding_rules(request: PlanRequest) -> list[RelaxableRule]:
    """Return rules of which none can stay for a plan to exist, wishes rather than others; empty for none."""
    rules = list_relaxable_rules(request)
    if not has_plan(_drop(rules, request)):
        return []
    for rule in rules[::-1]:
        others = [other for other in rules if other is not rule]
        if has_plan(_drop(others, request)):
            rules = others
    return rules


def _drop(rules: Iterable[RelaxableRule], request: PlanRequest) -> PlanRequest:
    changes: Iterable[Change] = (rule.drop for rule in rules)
    for change in changes:
        request = change(request)
    return request
