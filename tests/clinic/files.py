"""Clinic files for tests: the demo's, with a few words changed."""

import re

from booking.demo.operations import CLINIC_FILE

DEMO = CLINIC_FILE.read_text()


def changed(*edits: tuple[str, str], text: str = DEMO) -> str:
    """Return a clinic file with the first occurrence of each wording put in other words."""
    for before, after in edits:
        assert before in text, before
        text = text.replace(before, after, 1)
    return text


def without_table(header: str, holding: str, text: str = DEMO) -> str:
    """Return a clinic file without the first table under `header` that holds a wording."""
    found = (start for start in _starts(header, text) if holding in text[start : _end(start, text)])
    start = next(found)
    return text[:start] + text[_end(start, text) :]


def without_template(slug: str, text: str = DEMO) -> str:
    """Return a clinic file without one schedule template and its phases."""
    start = text.index(f'[[templates]]\nslug = "{slug}"')
    rest = re.split(r"^(?=\[\[templates\]\]|# \[D\])", text[start:], flags=re.MULTILINE)[1:]
    return text[:start] + "".join(
        part for part in rest if not part.startswith(f'[[templates]]\nslug = "{slug}"')
    )


def _starts(header: str, text: str) -> list[int]:
    return [match.start() for match in re.finditer(re.escape(header), text)]


def _end(start: int, text: str) -> int:
    following = text.find("\n[[", start)
    return len(text) if following < 0 else following + 1
