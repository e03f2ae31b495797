"""Patients by any part of what is known of them, mistypings included: an index in memory.

Names are compared word by word: each word typed begins a word of the name, is part of one, or is like one
(optimal string alignment: a letter more, less, other, or two exchanged).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from booking.patients.rules import normalize_name
from booking.patients.search_terms import MIN_DIGITS, SearchTerms

Scores = npt.NDArray[np.float32]
Value = TypeVar("Value")
BEGINS, CONTAINS, LIKE = (
    100.0,
    90.0,
    80.0,
)  # how well a word fits; alike words earn a share of the last
MIN_LIKENESS = 0.7  # of 1: one wrong letter of four, two of seven
MIN_LIKE_LETTERS = 4  # shorter words are like too many


@dataclass(frozen=True, slots=True)
class SearchRecord:
    """What is known of a patient, as it is searched: `phone` E.164, `email` as written.

    Who had other phones before has a record for each of them.
    """

    id: int
    given_name: str
    family_name: str
    birth_date: date
    phone: str | None
    email: str | None

    @property
    def words(self) -> set[str]:
        """The name's words as they are compared; a double name's parts, and it whole."""
        names = f"{self.given_name} {self.family_name}"
        parts = {*names.split(), *names.replace("-", " ").split()}
        return {word for word in map(normalize_name, parts) if word}

    @property
    def numbers(self) -> tuple[str, ...]:
        """The digits of the phone, and of the birth date as month, day and year."""
        phone = (self.phone or "").partition(";")[0].removeprefix("+")
        return phone, self.birth_date.strftime("%m%d%Y")


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A record that fits, and how well: up to 100."""

    id: int
    score: float


class SearchIndex:
    """Records ready to be searched; they are given in the order in which equals are shown."""

    def __init__(self, records: Sequence[SearchRecord]) -> None:
        self.ids = [record.id for record in records]
        self._numbers = [record.numbers for record in records]
        self._emails = [(record.email or "").casefold() for record in records]
        self._birth_dates = [record.birth_date for record in records]
        words_by_record = [record.words for record in records]
        self._vocabulary = sorted(set().union(*words_by_record))
        numbers = {word: number for number, word in enumerate(self._vocabulary)}
        self._words = _integers(numbers[word] for words in words_by_record for word in words)
        counts = [len(words) for words in words_by_record]
        self._owners = np.repeat(np.arange(len(records)), counts)

    def search(self, terms: SearchTerms, left_out: Set[int], limit: int) -> list[SearchHit]:
        """Return the records that have all of what is searched for, the best first; not those left out."""
        scores = np.full(len(self.ids), BEGINS if terms else 0, dtype=np.float32)
        for word in terms.words:
            scores = np.minimum(scores, self._score_word(word))
        for digits in terms.numbers:
            scores = np.minimum(scores, _scores(self._numbers, partial(_fit_digits, digits)))
        for address in terms.addresses:
            scores = np.minimum(scores, _scores(self._emails, partial(_fit, address)))
        for day in terms.birth_dates:
            scores = np.minimum(scores, _scores(self._birth_dates, partial(_fit_day, day)))
        best = np.argsort(-scores, kind="stable")[: np.count_nonzero(scores)]
        hits = (SearchHit(self.ids[row], float(scores[row])) for row in best.tolist())
        return list(islice(_leave_out(hits, left_out), limit))

    def _score_word(self, word: str) -> Scores:
        """Return how well a word fits each record's name, or its e-mail's beginning."""
        fits = _scores(self._vocabulary, partial(_fit, word))
        if len(word) >= MIN_LIKE_LETTERS:
            fits = np.maximum(fits, self._likeness(word) * LIKE)
        scores = np.zeros(len(self.ids), dtype=np.float32)
        np.maximum.at(scores, self._owners, fits[self._words])
        in_email = _scores(self._emails, lambda of: CONTAINS * of.startswith(word))
        return np.maximum(scores, in_email)

    def _likeness(self, word: str) -> Scores:
        """Return how like a word each of the vocabulary is, or the beginning of it: 0 to 1."""
        beginnings = [other[: len(word)] for other in self._vocabulary]
        return np.maximum(_compare(word, self._vocabulary), _compare(word, beginnings))


def _leave_out(hits: Iterable[SearchHit], left_out: Set[int]) -> Iterator[SearchHit]:
    """Return each record's best hit, and none of those left out."""
    ids = set(left_out)
    for hit in hits:
        if hit.id not in ids:
            ids.add(hit.id)
            yield hit


def _compare(word: str, others: Sequence[str]) -> Scores:
    likeness = process.cdist(
        [word],
        others,
        scorer=OSA.normalized_similarity,
        score_cutoff=MIN_LIKENESS,
        dtype=np.float32,
    )
    return np.asarray(likeness[0], dtype=np.float32)


def _scores(values: Sequence[Value], score: Callable[[Value], float]) -> Scores:
    return np.fromiter(map(score, values), dtype=np.float32, count=len(values))


def _fit(text: str, other: str) -> float:
    position = other.find(text)
    return BEGINS if position == 0 else CONTAINS if position > 0 else 0.0


def _fit_day(day: date, other: date) -> float:
    return BEGINS * (day == other)


def _fit_digits(digits: str, numbers: tuple[str, ...]) -> float:
    """Return how well digits fit: a phone's last, a part of it, or of a birth date."""
    phone, *others = numbers
    if len(digits) < MIN_DIGITS:
        return 0.0
    if phone.endswith(digits):
        return BEGINS
    return CONTAINS if digits in phone else LIKE * any(digits in other for other in others)


def _integers(values: Iterable[int]) -> npt.NDArray[np.intp]:
    return np.fromiter(values, dtype=np.intp)
