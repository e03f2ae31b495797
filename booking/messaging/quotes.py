"""What a text quotes of ours: phones send a reaction as 'Liked “…”', others the answer above our words.

Our words say what stops texts and where to turn in danger: read as theirs, a thumb up would end all texts.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from booking.messaging.reply_meanings import WORDINGS, normalize

LEAST_QUOTED = 15  # letters: less of our words may be theirs by chance
QUOTED = re.compile(r"[“”„\"«](.+)[“”\"»]", re.DOTALL)
APPROVALS = frozenset(WORDINGS["approvals"].splitlines())
REACTING_WORDS = frozenset(WORDINGS["reacting_words"].split())
APPROVING_SIGNS = re.compile("[👍❤♥👌🙏✅]")
SURE_YES = "confirm"


@dataclass(frozen=True, slots=True)
class QuotingText:
    """A text without what it quotes of ours, as it is to be read; `quoted` is the text it quotes, if any."""

    words: str
    quoted: str | None


def split_quote(body: str, own_texts: Collection[str]) -> QuotingText:
    """Return what somebody says themselves; a thumb up to what they quote as a yes."""
    for text in own_texts:
        words = _remove_quote(body, text)
        if words is not None:
            return QuotingText(SURE_YES if _approves(words) else words, text)
    return QuotingText(body, None)


def _remove_quote(body: str, text: str) -> str | None:
    """Return what is left of `body` without the words of `text`; None where it has none of them."""
    match = QUOTED.search(body)
    if match and _is_quote(match[1], text):
        return f"{body[: match.start()]} {body[match.end() :]}"
    return body.replace(text, " ") if text and text in body else None


def _is_quote(words: str, text: str) -> bool:
    quote = normalize(words)
    return len(quote) >= LEAST_QUOTED and normalize(text).startswith(quote)


def _approves(words: str) -> bool:
    """Tell whether what stands beside a quote is a thumb up or a heart alone."""
    text = normalize(words)
    has_sign = bool(APPROVING_SIGNS.search(words))
    return text in APPROVALS or (has_sign and REACTING_WORDS.issuperset(text.split()))
