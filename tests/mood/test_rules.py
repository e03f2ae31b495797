"""The PHQ-9 as it was published: its words, its sum, its bands; and when it is asked for."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from booking.mood.rules import (
    ASKED_LATE,
    InvalidAnswers,
    Severity,
    classify_severity,
    find_due_day,
    has_room_for_text,
    says_danger,
    score_answers,
)
from booking.mood.words import CHOICES, ITEMS, QUESTION

ENGLISH = """
Over the last 2 weeks, how often have you been bothered by any of the following problems?
Little interest or pleasure in doing things
Feeling down, depressed, or hopeless
Trouble falling or staying asleep, or sleeping too much
Feeling tired or having little energy
Poor appetite or overeating
Feeling bad about yourself – or that you are a failure or have let yourself or your family down
Trouble concentrating on things, such as reading the newspaper or watching television
Moving or speaking so slowly that other people could have noticed? Or the opposite – being so \
fidgety or restless that you have been moving around a lot more than usual
Thoughts that you would be better off dead or of hurting yourself in some way
Not at all
Several days
More than half the days
Nearly every day
"""
SPANISH = """
Durante las últimas 2 semanas, ¿qué tan seguido ha tenido molestias debido a los siguientes problemas?
Poco interés o placer en hacer cosas
Se ha sentido decaído(a), deprimido(a) o sin esperanzas
Ha tenido dificultad para quedarse o permanecer dormido(a), o ha dormido demasiado
Se ha sentido cansado(a) o con poca energía
Sin apetito o ha comido en exceso
Se ha sentido mal con usted mismo(a) – o que es un fracaso o que ha quedado mal con usted \
mismo(a) o con su familia
Ha tenido dificultad para concentrarse en ciertas actividades, tales como leer el \
periódico o ver la televisión
¿Se ha movido o hablado tan lento que otras personas podrían haberlo notado? o lo contrario – muy \
inquieto(a) o agitado(a) que ha estado moviéndose mucho más de lo normal
Pensamientos de que estaría mejor muerto(a) o de lastimarse de alguna manera
Ningún día
Varios días
Más de la mitad de los días
Casi todos los días
"""
ANSWERS = st.lists(st.integers(0, 3), min_size=9, max_size=9)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
MONDAY = date(2026, 11, 30)


@pytest.mark.parametrize(("language", "official"), [("en", ENGLISH), ("es", SPANISH)])
def test_the_words_are_the_official_ones(sqlite_app: Flask, language: str, official: str) -> None:
    with sqlite_app.test_request_context(), force_locale(language):
        assert [str(words) for words in (QUESTION, *ITEMS, *CHOICES)] == official.strip().split(
            "\n"
        )


@given(ANSWERS)
def test_the_score_is_the_sum_and_danger_is_item_nine_alone(answers: list[int]) -> None:
    assert score_answers(answers) == sum(answers)
    assert 0 <= score_answers(answers) <= 27
    assert says_danger(answers) is (answers[8] > 0)
    assert says_danger([*answers[:8], 0]) is False


@pytest.mark.parametrize("answers", [[], [0] * 8, [0] * 10, [*[0] * 8, 4], [*[0] * 8, -1]])
def test_what_is_not_nine_answers_has_no_score(answers: list[int]) -> None:
    with pytest.raises(InvalidAnswers):
        score_answers(answers)


def test_the_bands_are_those_of_kroenke_2001() -> None:
    bands = [classify_severity(score) for score in range(28)]
    assert bands == [
        *[Severity.MINIMAL] * 5, *[Severity.MILD] * 5, *[Severity.MODERATE] * 5,
        *[Severity.MODERATELY_SEVERE] * 5, *[Severity.SEVERE] * 8,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("days_on", "last", "due"),
    [
        (-1, None, None), (0, None, 0), (3, None, 0), (4, None, None), (6, None, None), (7, None, 7),
        (0, 0, None), (6, 0, None), (7, 0, 7), (10, 0, 7), (11, 0, None), (14, 0, 14),
        (8, 3, None), (10, 3, 10),
    ],
)  # fmt: skip
def test_a_form_is_due_at_its_rhythm_or_a_little_later(
    days_on: int, last: int | None, due: int | None
) -> None:
    day = {number: MONDAY + timedelta(days=number) for number in range(-1, 15)}
    last_day = None if last is None else day[last]
    expected = None if due is None else day[due]
    assert find_due_day(MONDAY, last_day, 7, day[days_on]) == expected


@given(DAYS, st.sampled_from([7, 14, 28]), st.lists(st.integers(0, 3), min_size=1, max_size=60))
def test_no_two_forms_are_closer_than_the_rhythm(
    begins_on: date, every_days: int, steps: list[int]
) -> None:
    due_days: list[date] = []
    today = begins_on
    for step in steps:
        today += timedelta(days=step)
        due_day = find_due_day(begins_on, due_days[-1] if due_days else None, every_days, today)
        if due_day is not None:
            assert timedelta() <= today - due_day <= ASKED_LATE
            due_days.append(due_day)
    gaps = [(later - earlier).days for earlier, later in pairwise(due_days)]
    assert all(gap >= every_days and gap % every_days == 0 for gap in gaps)


@pytest.mark.parametrize(
    ("offsets", "room"),
    [
        ([], True), ([0], False), ([-1, 1], True), ([-3, 2], True), ([-6, -3, -1], False),
        ([1, 3, 6], False), ([-7, -8, -9, 7, 8], True), ([-2, -1, 4], False), ([-5, -4, 3], True),
    ],
)  # fmt: skip
def test_a_form_never_takes_a_reminders_place(offsets: Sequence[int], *, room: bool) -> None:
    text_days = [MONDAY + timedelta(days=offset) for offset in offsets]
    assert has_room_for_text(text_days, MONDAY) is room
