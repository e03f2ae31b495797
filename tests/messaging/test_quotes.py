"""What a text quotes of ours isn't what it says: the forms in which phones send a reaction."""

import pytest

from booking.messaging.quotes import split_quote
from booking.messaging.reply_meanings import classify_reply
from booking.messaging.rules import ReplyMeaning

OURS = (
    "Ahwatukee Clinic: your visit is booked for Tue, Dec 1 at 10:00 AM MST. Details: "
    "https://visits.example.com/a/0123456789abcdefABCDEF Reply STOP to end texts."
)
ANSWER = "Ahwatukee Clinic: thank you. A person answers by 5:00 PM. If you are in danger call 911 or 988."


def meaning_of(body: str, *, opted_out: bool = False) -> ReplyMeaning:
    return classify_reply(split_quote(body, [ANSWER, OURS]).words, opted_out)


@pytest.mark.parametrize("text", [OURS, ANSWER])
@pytest.mark.parametrize(
    ("form", "meaning"),
    [
        *[(form, ReplyMeaning.CONFIRM) for form in (
            "Liked “{}”", "Loved “{}”", "👍 to “{}”", "Reacted 👍 to “{}”", "❤️ to “{}”", "Le gustó “{}”",
            "Le encantó “{}”", "Reaccionó con 👍 a “{}”", 'Liked "{}"', "Yes\n\n> {}", "1 {}",
        )],
        *[(form, ReplyMeaning.UNCLEAR) for form in (
            "Disliked “{}”", "Laughed at “{}”", "Questioned “{}”", "Reacted 😂 to “{}”", "“{}”", "{}",
            "Removed a like from “{}”",
        )],
        ("STOP “{}”", ReplyMeaning.STOP),
        ("2 > {}", ReplyMeaning.CHANGE),
        ("Questioned “{}” I want to die", ReplyMeaning.CRISIS),
    ],
)  # fmt: skip
def test_a_reaction_says_what_stands_beside_our_words(
    form: str, meaning: ReplyMeaning, text: str
) -> None:
    assert meaning_of(form.format(text)) is meaning


def test_a_long_text_is_quoted_in_part() -> None:
    assert meaning_of(f"Liked “{ANSWER[:90]}…”") is ReplyMeaning.CONFIRM


def test_nobody_starts_texts_again_by_a_thumb_up() -> None:
    assert meaning_of(f"Liked “{OURS}”", opted_out=True) is ReplyMeaning.CONFIRM


@pytest.mark.parametrize(
    "body", ["Reply STOP to end texts.", "I said “stop” and you go on", "He wrote “I want to die”"]
)
def test_what_we_never_wrote_is_theirs(body: str) -> None:
    assert split_quote(body, [ANSWER, OURS]).words == body
