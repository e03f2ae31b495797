"""Whole numbers that come from outside, as text."""

MOST_DIGITS = 9  # a 32-bit column holds no more; `int` itself raises at some thousands


def parse_number(text: str) -> int | None:
    """Return the whole number that a text of one to nine digits (ASCII) is; None for any other."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None
