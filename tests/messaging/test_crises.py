"""What is a crisis and what only sounds like one: too much taken, and sayings."""

import pytest

from booking.messaging.reply_meanings import classify_reply
from booking.messaging.rules import ReplyMeaning


@pytest.mark.parametrize(
    ("dose", "meaning"),
    [
        ("took 2 tylenol", ReplyMeaning.UNCLEAR),
        ("took 4 pills", ReplyMeaning.UNCLEAR),
        ("took 6 pills", ReplyMeaning.CRISIS),
        ("took 6 pills as prescribed", ReplyMeaning.UNCLEAR),
        ("took 60 pills as prescribed", ReplyMeaning.CRISIS),
        ("took 60 mg of prozac", ReplyMeaning.UNCLEAR),
        ("took 60 minutes to find my pills", ReplyMeaning.UNCLEAR),
        ("take 12 pills a day", ReplyMeaning.UNCLEAR),
        ("me tomé 2 pastillas", ReplyMeaning.UNCLEAR),
        ("me tomé 60 pastillas", ReplyMeaning.CRISIS),
        ("took ten of my 20mg", ReplyMeaning.CRISIS),
        ("took 2 of my 20mg", ReplyMeaning.UNCLEAR),
        ("took ten of my 20mg as prescribed", ReplyMeaning.UNCLEAR),
        ("me tomé diez de las de 20 mg", ReplyMeaning.CRISIS),
        ("i took the rest of my xanax", ReplyMeaning.CRISIS),
        ("I took the rest of the week off", ReplyMeaning.UNCLEAR),
    ],
)
def test_more_pills_than_a_dose_are_a_crisis_and_a_dose_is_none(
    dose: str, meaning: ReplyMeaning
) -> None:
    assert classify_reply(dose, opted_out=False) is meaning


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ("my boss is going to kill me", ReplyMeaning.UNCLEAR),
        ("mi jefe me va a matar", ReplyMeaning.UNCLEAR),
        ("my husband is going to kill me", ReplyMeaning.CRISIS),
        ("I want to die my hair", ReplyMeaning.UNCLEAR),
        ("I want to die, my hair falls out", ReplyMeaning.CRISIS),
        ("my boss is going to kill me and I want to die", ReplyMeaning.CRISIS),
        ("going to die of embarrassment", ReplyMeaning.UNCLEAR),
    ],
)
def test_a_saying_is_no_crisis_and_hides_none(body: str, meaning: ReplyMeaning) -> None:
    assert classify_reply(body, opted_out=False) is meaning
