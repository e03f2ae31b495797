"""No form refuses in WTForms' or Flask-WTF's own words: ours stand at the field, in the page's language."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import wtforms.fields
import wtforms.validators
from flask import Flask
from flask_babel import force_locale
from flask_wtf import FlaskForm
from wtforms import Form, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired

from booking.web.worded_forms import OUR_WORDS, WORDS, WordedForm, WordedSubform

FIELDS = [*Path(wtforms.fields.__file__).parent.glob("*.py"), Path(wtforms.validators.__file__)]
OFFERED, NUMBERS = [SelectChoice("one", "One")], [SelectChoice(1, "One")]
OF_PROGRAMMERS = {"Choices cannot be None."}


class OfAllKinds(WordedForm):
    """Fields whose own refusals are WTForms'."""

    choice = SelectField(choices=OFFERED)
    number = SelectField(coerce=int, choices=NUMBERS)
    several = SelectMultipleField(choices=OFFERED)
    text = StringField(validators=[InputRequired()])


def stock_texts() -> Iterator[str]:
    """Yield each text that WTForms' fields and validators say by themselves."""
    for file in FIELDS:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "").endswith("gettext"):
                values = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                yield from (value for value in values if isinstance(value, str))


def subclasses(kind: type[Form]) -> Iterator[type[Form]]:
    """Yield the kinds of form below `kind`."""
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


def test_wtforms_says_nothing_by_itself(sqlite_app: Flask) -> None:
    texts = {*stock_texts()} - OF_PROGRAMMERS
    assert set(WORDS) <= texts
    with sqlite_app.test_request_context():
        assert [text for text in texts if OUR_WORDS.gettext(text) == text] == []


def test_every_form_of_ours_has_our_words(sqlite_app: Flask) -> None:
    ours = [kind for kind in subclasses(Form) if kind.__module__.startswith("booking.")]
    assert len(ours) > 40
    assert [kind for kind in ours if not issubclass(kind, WordedForm | WordedSubform)] == []
    assert issubclass(WordedForm, FlaskForm)


@pytest.mark.parametrize(
    ("language", "chosen", "filled"),
    [
        ("en", "Choose from what is offered.", "Please fill this in."),
        ("es", "Elija entre lo que se ofrece.", "Complete este dato, por favor."),
    ],
)
def test_what_no_form_words_itself_is_said_in_the_pages_language(
    sqlite_app: Flask, language: str, chosen: str, filled: str
) -> None:
    typed = {"choice": "three", "number": "x", "several": "three", "text": ""}
    with sqlite_app.test_request_context(method="POST", data=typed), force_locale(language):
        form = OfAllKinds(meta={"csrf": False})
        assert not form.validate()
        said = {name: [str(error) for error in errors] for name, errors in form.errors.items()}
    assert {*said["choice"], *said["number"], *said["several"]} == {chosen}
    assert said["text"] == [filled]
