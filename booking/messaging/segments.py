"""How many parts a text takes: GSM-7 where each character has its place in it, else UCS-2.

Source: 3GPP TS 23.038 section 6.2.1. A part of several loses room to the header that joins them.
"""

import unicodedata
from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a character: two places each
PLAIN = {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "..."}
GSM_7, UCS_2 = "GSM-7", "UCS-2"
GSM_ALONE, GSM_PART = 160, 153
UCS_ALONE, UCS_PART = 70, 67


@dataclass(frozen=True, slots=True)
class TextLength:
    """A text's length: its encoding ("GSM-7" or "UCS-2"), places used in it, and parts."""

    encoding: str
    units: int
    segments: int


def to_gsm7(text: str) -> str:
    """Return `text` in GSM-7 where it can be: "sabado" for "sábado", but "mañana" and "mié" as they are.

    One letter outside would take the whole text to UCS-2, of 70 places a part. What has no like stays.
    """
    return "".join(_to_gsm7(char) for char in text)


def _to_gsm7(char: str) -> str:
    if char in BASIC or char in EXTENDED:
        return char
    if char.isspace():
        return " "
    base = PLAIN.get(char) or unicodedata.normalize("NFD", char)[0]
    return base if all(letter in BASIC for letter in base) else char


def first_that_fits(*texts: str) -> str:
    """Return the first of several wordings that goes as one part of GSM-7; the last where none does."""
    fitting = (text for text in texts if measure_text(to_gsm7(text)).segments == 1)
    return next(fitting, texts[-1])


def measure_text(text: str) -> TextLength:
    """Return what `text` takes. An empty text takes one part."""
    if all(char in BASIC or char in EXTENDED for char in text):
        sizes = [2 if char in EXTENDED else 1 for char in text]
        return TextLength(GSM_7, sum(sizes), _parts(sizes, GSM_ALONE, GSM_PART))
    sizes = [2 if ord(char) > 0xFFFF else 1 for char in text]  # a surrogate pair is never split
    return TextLength(UCS_2, sum(sizes), _parts(sizes, UCS_ALONE, UCS_PART))


def _parts(sizes: list[int], single_size: int, part: int) -> int:
    if sum(sizes) <= single_size:
        return 1
    parts, size_used = 1, 0
    for size in sizes:
        if size_used + size > part:
            parts, size_used = parts + 1, 0
        size_used += size
    return parts
