"""Adaptive spacing against fixed spacing on a simulated cohort: infusions used, and weeks in response.

Run with `make bench BENCH=cohort`. A simulation with assumptions of its own (docs/adaptive-spacing.md), none
measured at a clinic: it shows what the rule does with noisy scores, not what a patient will feel. The rule is
the one that series get at the desk (`booking.adaptive.rules`); the same seed gives the same table.

A patient has a depression of their own, which drifts from week to week, and a benefit that each infusion adds
to and that decays by half in a number of days of their own. The true score is one less the other. A form a
week tells it with an error, unless it is left out. In response: the true score is half of what it was before
treatment, or less; a week is, if most of its days are.
"""

from dataclasses import dataclass
from statistics import fmean

import numpy as np

from booking.adaptive.rules import Score, SpacingRule, suggest_spacing

SEED, PATIENTS, WEEKS = 11, 2000, 52
WORST = 27  # points of a PHQ-9
BASELINE = (17.0, 3.5)  # points before treatment: mean and spread
REACH = (0.85, 0.12)  # share of the baseline that treatment can take away at most
ADDED = 0.4  # of what is still out of reach, each infusion adds so much
HALF_LIFE = (21.0, 0.6)  # days: median, and spread of the logarithm
DRIFT, RETURN = 0.9, 0.1  # points a week of own change, and the share of it lost again each week
NOISE = 2.0  # points by which a form is off
ANSWERED = 0.85  # of the forms
DECIDED_AFTER = 2  # days from a form to the practitioner's decision, which is always yes
INDUCTION = (0, 3, 7, 10, 14, 17)  # days of six infusions, twice a week

CAREFUL = SpacingRule((7, 14, 21, 28), good_score=5, good_fall=12, worse_rise=4)
BOLD = SpacingRule((7, 14, 21, 28), good_score=9, good_fall=10, worse_rise=5)


@dataclass(slots=True)
class Patient:
    """What the simulation knows of one patient, day by day; no policy sees it."""

    baseline: float
    reach: float
    half_life: float
    drift: float = 0.0
    benefit: float = 0.0

    @property
    def severity(self) -> float:
        """The true score."""
        return min(max(self.baseline + self.drift - self.benefit, 0.0), WORST)

    @property
    def is_in_response(self) -> bool:
        """Whether the true score is half of what it was, or less."""
        return self.severity <= self.baseline / 2

    def infuse(self) -> None:
        """Add to the benefit."""
        self.benefit += ADDED * max(self.reach * self.baseline - self.benefit, 0.0)

    def pass_day(self, shock: float) -> None:
        """Let the benefit decay and the depression drift; `shock` is standard normal."""
        self.benefit *= 0.5 ** (1 / self.half_life)
        self.drift += shock * DRIFT / 7**0.5 - self.drift * RETURN / 7


@dataclass(frozen=True, slots=True)
class Course:
    """One patient's year: infusions, and the share of weeks in response."""

    infusions: int
    share_in_response: float


def draw_responder(random: np.random.Generator) -> Patient:
    """Return a patient in response after six infusions; others aren't put on maintenance."""
    while True:
        patient = Patient(
            baseline=float(np.clip(random.normal(*BASELINE), 10, WORST)),
            reach=float(np.clip(random.normal(*REACH), 0.3, 1.0)),
            half_life=float(HALF_LIFE[0] * np.exp(random.normal(0, HALF_LIFE[1]))),
        )
        for day in range(INDUCTION[-1] + 1):
            patient.pass_day(float(random.normal()))
            if day in INDUCTION:
                patient.infuse()
        if patient.is_in_response:
            return patient


def ask(patient: Patient, random: np.random.Generator) -> Score | None:
    """Return what a form says today, None when it is left out."""
    points, is_answered = patient.severity + random.normal(0, NOISE), random.random() < ANSWERED
    return Score(int(np.clip(round(points), 0, WORST))) if is_answered else None


def treat(
    patient: Patient, days: int, rule: SpacingRule | None, random: np.random.Generator
) -> Course:
    """Follow a patient for a year that begins at so many days; without a rule it stays there."""
    last_infusion, infusions, days_in_response = 0, 0, []
    scores = [Score(round(patient.baseline))]  # what was answered before treatment
    decided_count = len(scores)
    decision: tuple[int, int] | None = None  # the day on which it counts, and the days it sets
    form_day = int(random.integers(7))
    for day in range(1, WEEKS * 7 + 1):
        patient.pass_day(float(random.normal()))
        if decision and day >= decision[0]:
            days, decided_count, decision = decision[1], len(scores), None
        if day - last_infusion >= days:
            patient.infuse()
            last_infusion, infusions = day, infusions + 1
        days_in_response.append(patient.is_in_response)
        if day % 7 == form_day and (score := ask(patient, random)) is not None:
            scores.append(score)
            suggestion = suggest_spacing(rule, days, scores, decided_count) if rule else None
            decision = (day + DECIDED_AFTER, suggestion.to_days) if suggestion else None
    in_weeks = np.reshape(days_in_response, (WEEKS, 7)).mean(axis=1) > 0.5
    return Course(infusions, float(in_weeks.mean()))


def simulate(days: int, rule: SpacingRule | None = None) -> list[Course]:
    """Return the courses of the whole cohort: the same patients, each the same days, for each spacing."""
    courses = []
    for number in range(PATIENTS):
        random = np.random.default_rng([SEED, number])
        patient = draw_responder(random)
        courses.append(treat(patient, days, rule, random))
    return courses


@dataclass(frozen=True, slots=True)
class Result:
    """What a spacing comes to over the cohort."""

    infusions: float
    share_in_response: float
    share_poor: float  # of patients, in response for less than half of their weeks

    @classmethod
    def of(cls, courses: list[Course]) -> "Result":
        """Sum courses up."""
        shares = [course.share_in_response for course in courses]
        infusions = fmean(course.infusions for course in courses)
        return cls(infusions, fmean(shares), fmean(share < 0.5 for share in shares))


def mix(more: Result, fewer: Result, infusions: float) -> float:
    """Return the weeks in response of patients put on two fixed spacings by lot, for so many infusions."""
    part = (infusions - fewer.infusions) / (more.infusions - fewer.infusions)
    return fewer.share_in_response + part * (more.share_in_response - fewer.share_in_response)


def main() -> None:
    """Print what each spacing comes to, and what fixed ones reach with as many infusions."""
    print(
        f"{PATIENTS} simulated patients in response after six infusions, {WEEKS} weeks, seed {SEED}"
    )
    print(
        "| Spacing | Infusions a year | Weeks in response | as many, fixed | Patients under half |"
    )
    print("|---|---|---|---|---|")
    fixed = {days: Result.of(simulate(days)) for days in (7, 14, 28)}
    for days, result in fixed.items():
        _print_row(f"every {days} days", result, result.share_in_response)
    for name, rule in (("adaptive, careful", CAREFUL), ("adaptive, bold", BOLD)):
        result = Result.of(simulate(7, rule))
        pair = (7, 14) if result.infusions > fixed[14].infusions else (14, 28)
        _print_row(name, result, mix(fixed[pair[0]], fixed[pair[1]], result.infusions))


def _print_row(name: str, result: Result, as_many: float) -> None:
    print(
        f"| {name} | {result.infusions:.1f} | {result.share_in_response:.0%} | {as_many:.0%} "
        f"| {result.share_poor:.0%} |",
        flush=True,
    )
