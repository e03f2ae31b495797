"""What holds for every template: nothing inline, all translatable, titles that tell nothing."""

import re
from collections.abc import Callable
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
E_MAIL = "mail/message.html"
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


def find_in_pages(find: Callable[[str], list[str]]) -> dict[str, list[str]]:
    """Return what is found in the text of each template that has any."""
    texts_by_name = {name: find(read(name)) for name in PAGES}
    return {name: texts for name, texts in texts_by_name.items() if texts}


def find_untranslated(text: str) -> list[str]:
    """Return the texts of a template that don't go through gettext."""
    markup = JINJA.sub("", NOT_SHOWN.sub("", text))
    spoken = [said for said in SPOKEN.findall(markup) if not TECHNICAL.search(said)]
    shown = re.sub(r"<[^>]*>|&\w+;", "\n", markup).split("\n")
    return [text.strip() for text in shown + spoken if re.search(r"[^\W\d_]", text)]


def test_every_template_can_be_read(sqlite_app: Flask) -> None:
    for name in FILES:
        sqlite_app.jinja_env.get_template(name)


@pytest.mark.parametrize("what", INLINE)
def test_no_template_has_anything_inline(what: str) -> None:
    inline = re.compile(INLINE[what], re.IGNORECASE)
    found = find_in_pages(lambda text: inline.findall(JINJA.sub("", text)))
    if what == "a style attribute":
        found.pop(E_MAIL)  # programs that read mail know no style sheets
    assert found == {}


def test_every_text_in_a_template_goes_through_gettext() -> None:
    assert find_in_pages(find_untranslated) == {}


def test_invariant_10_no_title_tells_what_an_appointment_is_for() -> None:
    titles = find_in_pages(TITLE.findall)
    assert {name: texts for name, texts in titles.items() if TELLING.search(" ".join(texts))} == {}


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
