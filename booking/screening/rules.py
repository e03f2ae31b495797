"""What follows from the safety questions, and who may be treated (CLINICAL §2).

[D] The table of questions is data, versioned, and signed by a practitioner before a clinic goes live.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

ADULT_AGE = 18  # years, on the day, by the location's date


class ScreeningOutcome(StrEnum):
    """Where the answers lead, from the gravest on."""

    HELP_FIRST = "help_first"
    ADULTS_ONLY = "adults_only"
    CALL_FIRST = "call_first"
    FLAGGED = "flagged"
    GO_ON = "go_on"

    @property
    def allows_booking(self) -> bool:
        """Tell whether a consultation may be booked."""
        return self in (ScreeningOutcome.FLAGGED, ScreeningOutcome.GO_ON)


class Finding(StrEnum):
    """A practitioner's finding after the consultation."""

    UNDECIDED = "undecided"
    DEFERRED = "deferred"
    SUITABLE = "suitable"
    DECLINED = "declined"
    NOT_SUITABLE = "not_suitable"


class IncompleteAnswers(ValueError):
    """The answers don't fit the questions. `slugs` names each question that lacks a yes or a no."""

    def __init__(self, slugs: Sequence[str]) -> None:
        super().__init__(f"unanswered: {', '.join(slugs)}")
        self.slugs = tuple(slugs)


class ContradictoryTicks(ValueError):
    """“None of these” was ticked, and something else, too."""


@dataclass(frozen=True, slots=True)
class ScreeningQuestion:
    """One yes/no question, phrased so that "no" goes on; texts by language, English always.

    `listed` is how it reads as a line of the list on patients' pages; empty: it is asked by itself.
    """

    slug: str
    texts: Mapping[str, str]
    leads_to: ScreeningOutcome
    listed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "ScreeningQuestion":
        """Read a question from plain data, as kept with its version."""
        outcome = ScreeningOutcome(data["leads_to"])
        return cls(data["slug"], data["texts"], outcome, data.get("listed", {}))

    def to_dict(self) -> dict[str, Any]:
        """Return the question as plain data."""
        data = {"slug": self.slug, "texts": dict(self.texts), "leads_to": self.leads_to.value}
        return {**data, "listed": dict(self.listed)} if self.listed else data

    @property
    def stops_booking(self) -> bool:
        """Tell whether a yes leads somewhere else than to a booking."""
        return not self.leads_to.allows_booking

    def text_in(self, language: str) -> str:
        """Return the question in `language`, or in English where it has no translation."""
        return self.texts.get(language) or self.texts["en"]

    def line_in(self, language: str) -> str:
        """Return the line of the list in `language`, or in English where it has no translation."""
        return self.listed.get(language) or self.listed["en"]


@dataclass(frozen=True, slots=True)
class ScreeningResult:
    """The gravest outcome of all answers, and the questions that were answered yes.

    `calls_first`: one of them asks for a call, though the outcome be graver still. Of minors nothing is kept.
    """

    outcome: ScreeningOutcome
    yes_answers: tuple[str, ...]
    calls_first: bool = False


def age_on(birth_date: date, day: date) -> int:
    """Return the age in whole years on `day`; someone born on 29 February ages on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def is_adult(birth_date: date, day: date) -> bool:
    """Tell whether someone born on `birth_date` may be treated on `day`."""
    return age_on(birth_date, day) >= ADULT_AGE


def evaluate_screening(
    questions: Sequence[ScreeningQuestion],
    answers: Mapping[str, bool],
    birth_date: date,
    day: date,
) -> ScreeningResult:
    """Judge all answers together, so that stopping doesn't reveal which of them did it.

    `day` is the appointment's local date. Danger comes before age: a minor in danger is shown help, too.
    Raises `IncompleteAnswers` when a question is unanswered or the answer isn't a yes or a no.
    """
    unanswered = [q.slug for q in questions if not isinstance(answers.get(q.slug), bool)]
    if unanswered:
        raise IncompleteAnswers(unanswered)
    yes = [q for q in questions if answers[q.slug]]
    outcomes = {q.leads_to for q in yes}
    if not is_adult(birth_date, day):
        outcomes.add(ScreeningOutcome.ADULTS_ONLY)
    gravest = next((o for o in ScreeningOutcome if o in outcomes), ScreeningOutcome.GO_ON)
    calls_first = (
        ScreeningOutcome.CALL_FIRST in outcomes and ScreeningOutcome.ADULTS_ONLY not in outcomes
    )
    return ScreeningResult(gravest, tuple(q.slug for q in yes), calls_first)


def parse_ticks(
    listed_slugs: Sequence[str], ticked_slugs: Collection[str], *, none_ticked: bool
) -> dict[str, bool]:
    """Return the yes or no of each question of the list: what is not ticked is a no.

    Nothing ticked is no answer: raises `IncompleteAnswers`; `ContradictoryTicks` for "none" beside another.
    """
    answers = {slug: slug in ticked_slugs for slug in listed_slugs}
    if listed_slugs and not none_ticked and not any(answers.values()):
        raise IncompleteAnswers(listed_slugs)
    if none_ticked and any(answers.values()):
        raise ContradictoryTicks
    return answers


class Clearance(StrEnum):
    """Whether a patient may be given an infusion, or what stands in the way."""

    CLEARED = "cleared"
    NO_FINDING = "no_finding"
    FINDING_SAYS_NO = "finding_says_no"
    EXPIRED = "expired"
    FLAG_OPEN = "flag_open"
    MINOR = "minor"


def list_clearance_problems(
    finding: Finding | None, valid_until: date | None, stopping_flags: int, day: date
) -> list[Clearance]:
    """Return everything that stands in the way of an infusion on local date `day`; nothing when cleared."""
    problems = []
    if finding is None or finding in (Finding.UNDECIDED, Finding.DEFERRED):
        problems.append(Clearance.NO_FINDING)
    elif finding is not Finding.SUITABLE:
        problems.append(Clearance.FINDING_SAYS_NO)
    elif valid_until is not None and day > valid_until:
        problems.append(Clearance.EXPIRED)
    return [*problems, Clearance.FLAG_OPEN] if stopping_flags else problems


@dataclass(frozen=True, slots=True)
class ClearanceBasis:
    """What decides whether a person may be given infusions; `clearance_on` says it of a day.

    `finding` and `valid_until` are the newest finding's; `stopping_flags` counts the
    uncleared flags that were raised after the finding or that ask for a call first.
    """

    birth_date: date
    finding: Finding | None
    valid_until: date | None
    stopping_flags: int

    def clearance_on(self, day: date) -> Clearance:
        """Return whether an infusion on local date `day` is allowed: adults only, and cleared."""
        return next(iter(self.list_problems_on(day)), Clearance.CLEARED)

    def list_problems_on(self, day: date) -> list[Clearance]:
        """Return everything that stands in the way of an infusion on local date `day`."""
        problems = list_clearance_problems(self.finding, self.valid_until, self.stopping_flags, day)
        return problems if is_adult(self.birth_date, day) else [Clearance.MINOR, *problems]

    def allows_infusion_on(self, day: date) -> bool:
        """Tell whether an infusion on local date `day` is allowed."""
        return self.clearance_on(day) is Clearance.CLEARED
