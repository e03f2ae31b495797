"""What holds for every template: nothing inline, all translatable, titles that tell nothing."""

import re
from pathlib import Path

import pytest
from flask import Flask

from tests.promises.source import BOOKING, TEMPLATES, python_files

FILES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.*"))
PAGES = [name for name in FILES if name.endswith(".html")]
INLINE = {
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "a style element": r"<style\b",
    "an event attribute": r"<[^>]*\son[a-z]+\s*=",
    "a script without a file": r"<script(?![^>]*\ssrc\s*=)",
    "a script whose names another's can replace": r"<script(?![^>]*\stype=\"module\")",
    "a script as an address": r"javascript:",
    "a file from elsewhere": r"<(?:script|link|img)[^>]*\s(?:src|href)\s*=\s*[\"']?(?:https?:)?//",
    "another page inside": r"<(?:iframe|object|embed)\b",
}
NOT_SHOWN = re.compile(  # what is translated already, and names of classes
    r"{%-?\s*trans\b.*?{%-?\s*endtrans\s*-?%}|{%-?\s*block \w*class\b.*?{%-?\s*endblock\s*-?%}",
    re.DOTALL,
)
JINJA = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
SPOKEN = re.compile(r"\s(?:title|alt|placeholder|aria-label|content|value)\s*=\s*\"([^\"]*)\"")
TITLE = re.compile(r"{%-?\s*block title\s*-?%}(.*?){%-?\s*endblock", re.DOTALL)
TELLING = re.compile(r"(?i)ketamine|infusion|depress|bipolar|postpartum|psych|series|drip")
NAMED = re.compile(r"\"([\w/]+\.html)\"")  # by a page that shows it, or a template that includes it
TECHNICAL = re.compile(r"width=|utf-8|^(?:noindex|true|false|on|[a-z_0-9]+)$", re.IGNORECASE)


def read(name: str) -> str:
    return (TEMPLATES / name).read_text()


@pytest.mark.parametrize("name", FILES)
def test_a_template_can_be_read(sqlite_app: Flask, name: str) -> None:
    sqlite_app.jinja_env.get_template(name)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("what", INLINE)
def test_a_template_has_nothing_inline(name: str, what: str) -> None:
    without_jinja = JINJA.sub("", read(name))
    assert re.findall(INLINE[what], without_jinja, re.IGNORECASE) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_text_in_a_template_goes_through_gettext(name: str) -> None:
    markup = JINJA.sub("", NOT_SHOWN.sub("", read(name)))
    spoken = [text for text in SPOKEN.findall(markup) if not TECHNICAL.search(text)]
    shown = re.sub(r"<[^>]*>|&\w+;", "\n", markup).split("\n")
    assert [text.strip() for text in shown + spoken if re.search(r"[^\W\d_]", text)] == []


@pytest.mark.parametrize("name", FILES)
def test_invariant_10_no_title_tells_what_an_appointment_is_for(name: str) -> None:
    assert [title for title in TITLE.findall(read(name)) if TELLING.search(title)] == []


def names_in(path: Path) -> list[str]:
    return NAMED.findall(path.read_text())


def test_every_template_that_is_named_is_there_and_no_other() -> None:
    readers = python_files() + [TEMPLATES / name for name in PAGES]
    assert sorted({name for path in readers for name in names_in(path)}) == PAGES


def test_a_page_of_the_desk_stands_in_the_folder_of_the_code_that_shows_it() -> None:
    assert [
        f"{path.relative_to(BOOKING)} shows {name}"
        for path in python_files(BOOKING / "desk")
        for name in names_in(path)
        if Path(name).parent != path.parent.relative_to(BOOKING)
    ] == []


def test_a_phone_number_on_a_patients_page_is_never_broken_over_lines() -> None:
    """The macro of its own sees to it."""
    pages = [name for name in PAGES if not name.startswith("desk/")]
    assert [name for name in pages if "format_phone" in read(name)] == ["macros/phones.html"]


STYLES = BOOKING / "static" / "css"
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\(")


def test_colours_stand_in_the_tokens_alone() -> None:
    sheets = {path.name: len(COLOUR.findall(path.read_text())) for path in STYLES.glob("*.css")}
    assert sheets.pop("tokens.css") > 50
    assert set(sheets.values()) == {0}


def test_there_are_templates_to_look_at() -> None:
    assert len(FILES) > 10
