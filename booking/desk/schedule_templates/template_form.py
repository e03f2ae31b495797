"""The form on which a practitioner edits a schedule template."""

import re
import unicodedata
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from booking.desk.forms import MAX_NOTE_LENGTH
from booking.desk.series.named_phases import (
    NamedPhaseForm,
    parse_typed_phases,
    read_phases_for_form,
)
from booking.desk.series.phase_form import BoundedIntegerField
from booking.desk.series.rearranging import MAX_PHASES
from booking.languages import ENGLISH, LANGUAGES
from booking.series.templates import MAX_TALK_THERAPY_WEEKS, Template
from booking.web.page_language import language_name
from booking.web.worded_forms import WordedForm

MAX_NAME, MAX_SLUG = 120, 40
STATEMENT = _l("I have checked these numbers and approve them for patients of this clinic.")
LONG = Length(max=MAX_NOTE_LENGTH, message=_l("Use 1,000 characters at most."))


class TemplateForm(WordedForm):
    """A template's names, its phases, and when somebody asks about talk therapy."""

    name_en = StringField(
        _l("Name"),
        [
            DataRequired(_l("Enter a name.")),
            Length(max=MAX_NAME, message=_l("Use 120 characters at most.")),
        ],
    )
    talk_therapy_weeks = BoundedIntegerField(
        _l("Ask about talk therapy, weeks after the first session"),
        0,
        MAX_TALK_THERAPY_WEEKS,
        Optional(),
        description=_l("And at each review. Empty: nobody is asked to."),
    )
    phases = FieldList(FormField(NamedPhaseForm), max_entries=MAX_PHASES)

    @property
    def name_fields(self) -> list[StringField]:
        """The fields of the name, one a language."""
        return [self[_name_field(code)] for code in LANGUAGES]

    def read_template(self, slug: str, original: Template) -> Template | None:
        """Return what was typed, with `slug` or one made of the name; None with errors at their fields."""
        is_valid = self.validate()
        forms = [entry.form for entry in self.phases.entries]
        phases, problem = parse_typed_phases(forms, original.phases)
        if problem:
            self.form_errors.append(problem)
        if not is_valid or phases is None:
            return None
        typed_names = {code: _text(self[_name_field(code)]) for code in LANGUAGES}
        names = {**original.names, **typed_names}
        return Template(
            slug or make_slug(names[ENGLISH]),
            {language: name for language, name in names.items() if name},
            0,
            "",
            phases,
            self.talk_therapy_weeks.data,
        )


def _name_field(code: str) -> str:
    return f"name_{code}"


for _code in LANGUAGES:
    if _code != ENGLISH:
        _translated_name = StringField(
            _l("Name in %(language)s", language=LazyString(language_name, _code)),
            [Optional(), Length(max=MAX_NAME, message=_l("Use 120 characters at most."))],
        )
        setattr(TemplateForm, _name_field(_code), _translated_name)


class SigningForm(WordedForm):
    """A practitioner signs a new version: the reason for it, the statement, and their password."""

    reason = TextAreaField(_l("What changed, and why"), [DataRequired(_l("Enter a reason.")), LONG])
    statement = TextAreaField(
        _l("You sign this statement"),
        [DataRequired(_l("Enter what you sign.")), LONG],
        default=STATEMENT,
    )
    password = PasswordField(_l("Your password"), [InputRequired(_l("Enter your password."))])


def build_initial_values(template: Template) -> dict[str, Any]:
    """Return what the form holds at first."""
    return {
        **{_name_field(code): template.names.get(code, "") for code in LANGUAGES},
        "talk_therapy_weeks": template.talk_therapy_weeks,
        "phases": read_phases_for_form(template.phases),
    }


def make_slug(name: str) -> str:
    """Return a new template's name for addresses and the clinic file; "template" where nothing is left."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:MAX_SLUG].strip("-")
    return words if words not in ("", "new") else "template"


def _text(field: StringField) -> str:
    return (field.data or "").strip()
