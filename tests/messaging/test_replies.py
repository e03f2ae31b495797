"""Three hundred replies of each kind, English and Spanish, as people type them, and what each is taken for.

Those under held_out, a hundred of each, were never used to change the wordings: one for which they are
changed moves to the other files, with a new one in its place. Who asks for help or to start in a sentence is
answered by a person: programs obey the bare words alone, as the provider does.
"""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from booking.messaging.reply_meanings import classify_reply, needs_human_review
from booking.messaging.rules import ReplyMeaning

REPLIES = Path(__file__).parent / "replies"
KINDS = (
    ReplyMeaning.CRISIS,
    ReplyMeaning.STOP,
    ReplyMeaning.CONFIRM,
    ReplyMeaning.CHANGE,
    ReplyMeaning.START,
    ReplyMeaning.HELP,
    ReplyMeaning.UNCLEAR,
)
Read = tuple[ReplyMeaning, ReplyMeaning, str]  # what it means, what it is taken for, the reply


@cache
def read(folder: Path) -> list[Read]:
    return [
        (kind, classify_reply(body, opted_out=False), body)
        for kind in KINDS
        for body in (folder / f"{kind.value}.txt").read_text("utf-8").splitlines()
    ]


def confusion(replies: list[Read]) -> str:
    """Return a table: a row for what replies mean, a column for what they are taken for."""
    counts = Counter((meant, meaning) for meant, meaning, _ in replies)
    head = " " * 9 + "".join(f"{kind.value:>9}" for kind in KINDS)
    rows = [
        f"{meant.value:<9}" + "".join(f"{counts[meant, taken]:>9}" for taken in KINDS)
        for meant in KINDS
    ]
    return "\n".join([head, *rows])


@pytest.fixture(params=[REPLIES, REPLIES / "held_out"], ids=["replies", "held_out"])
def replies(request: pytest.FixtureRequest) -> list[Read]:
    found = read(request.param)
    print(confusion(found))  # noqa: T201 - shown where a test fails, and with -s
    return found


def test_there_are_enough_replies_of_each_kind_and_none_twice() -> None:
    every, held_out = read(REPLIES), read(REPLIES / "held_out")
    of_each, held_out_of_each = (
        Counter(meant for meant, *_ in replies) for replies in (every + held_out, held_out)
    )
    assert all(of_each[kind] >= 300 for kind in KINDS)
    assert all(held_out_of_each[kind] >= 100 for kind in KINDS)
    assert len({body for *_, body in every + held_out}) == len(every) + len(held_out)


def test_no_crisis_is_missed(replies: list[Read]) -> None:
    missed = [
        body for meant, meaning, body in replies if meant is ReplyMeaning.CRISIS is not meaning
    ]
    assert missed == []


def test_no_other_reply_is_a_false_alarm_of_a_crisis(replies: list[Read]) -> None:
    alarms = [
        body for meant, meaning, body in replies if meaning is ReplyMeaning.CRISIS is not meant
    ]
    assert alarms == []


def test_every_wording_of_stop_is_obeyed_and_nothing_else(replies: list[Read]) -> None:
    wrong = [
        body
        for meant, meaning, body in replies
        if (meant is ReplyMeaning.STOP) != (meaning is ReplyMeaning.STOP)
    ]
    assert wrong == []


def test_nothing_but_a_yes_confirms(replies: list[Read]) -> None:
    wrong = [
        body for meant, meaning, body in replies if meaning is ReplyMeaning.CONFIRM is not meant
    ]
    assert wrong == []


def test_what_is_read_as_another_kind_reaches_a_person(replies: list[Read]) -> None:
    wrong = [each for each in replies if each[0] is not each[1]]
    assert all(needs_human_review(body, meaning) for _, meaning, body in wrong)
    by_programs = [each for each in wrong if each[0] not in (ReplyMeaning.START, ReplyMeaning.HELP)]
    share = 50 if len(replies) > 1500 else 10  # one in fifty; at first sight one in ten
    assert len(by_programs) <= len(replies) // share
