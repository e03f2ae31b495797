"""Every text can be translated: `make translations` finds it, and pages show what a catalogue says."""

import io
import re
import subprocess
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest
import time_machine
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from flask import Flask

from booking import create_app, languages
from booking.clinic.fields import Language
from booking.staff.models import Role
from booking.web import page_language
from tests.builders import NOW, a_booking, a_clinic, a_patient
from tests.databases import settings_for
from tests.promises.source import BOOKING, ROOT
from tests.promises.test_pages import address, rules, signed_in, verbs

OTHER = "fr"  # a language that the service doesn't have
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
MARKED = re.compile(r"«[^«»]*»")
# What pages show beside texts: the test clinic's own words, and what CLDR calls zones and months.
DATA = re.compile(
    r"Ahwatukee Clinic|Example (Hospital|Street)|(room|chair|practitioner|nurse) \d|Consultation|Follow-Up"
    r"|Test|Person\d*|person\d+@example\.com|Are you in danger right now\?|Psychosis, ever\?"
    r"|Are you pregnant\?|heure normale des Rocheuses|février|(?:Lun|Mar|Mercre|Jeu|Vendre|Same)di|Dimanche|English|français|anglais|espagnol|https?://\S+|[A-Z0-9]{3}-[A-Z0-9]{4}"
)


@pytest.fixture(scope="module")
def patient_texts(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What patients read, as `make translations` finds it."""
    return extracted(tmp_path_factory.mktemp("texts") / "messages.pot", ROOT / "babel.cfg")


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """All texts, those that staff alone read among them."""
    folder = tmp_path_factory.mktemp("texts")
    lines = (ROOT / "babel.cfg").read_text().splitlines()
    everything = folder / "babel.cfg"
    everything.write_text("\n".join(line for line in lines if not line.startswith("[ignore")))
    return extracted(folder / "messages.pot", everything)


def extracted(path: Path, texts_in: Path) -> Catalog:
    command = ["make", "--silent", "texts", f"TEXTS={path}", f"TEXTS_IN={texts_in}"]
    subprocess.run(command, cwd=ROOT, check=True)
    return read(path)


def read(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def compiled(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def write(folder: Path, catalogue: Catalog) -> Path:
    """Write a language's catalogue below `folder`, and compile it; return where it is."""
    path = folder / OTHER / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, catalogue)
    path.with_suffix(".mo").write_bytes(compiled(catalogue))
    return path


def marked(texts: Catalog) -> Catalog:
    """Return a catalogue that "translates" each text by putting it between « and »."""
    other = Catalog(locale=OTHER)
    for message in messages(texts):
        forms = message.id if isinstance(message.id, tuple) else (message.id,)
        said = tuple(f"«{form}»" for form in forms)
        other.add(message.id, said if len(said) > 1 else said[0], flags=message.flags)
    return other


def problems(folder: Path, languages: Collection[str], texts: Catalog) -> Iterator[str]:
    """Yield what is wrong with the catalogues below `folder`, which are to be those of `languages`."""
    paths = {path.parts[-3]: path for path in folder.glob("*/LC_MESSAGES/messages.po")}
    for language in sorted(paths.keys() ^ set(languages)):
        yield f"{language}: a catalogue or its place in LANGUAGES is missing"
    for language, path in paths.items():
        catalogue = read(path, language)
        for message in messages(texts):
            said = catalogue.get(message.id, message.context)
            if said is None or said.fuzzy or not all(flat(said.string)):
                yield f"{language}: no translation of {flat(message.id)[0]!r}"
            elif placeholders(said.id) != placeholders(said.string):
                yield f"{language}: other placeholders in {flat(message.id)[0]!r}"
        if path.with_suffix(".mo").read_bytes() != compiled(catalogue):
            yield f"{language}: not compiled as it stands"


def placeholders(text: str | list[str] | tuple[str, ...] | None) -> set[str]:
    """Return what a text, in any of its forms, is filled with."""
    return {name for form in flat(text) for name in PLACEHOLDER.findall(form)}


def flat(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the forms of a text, one but for a plural; none is an empty one."""
    return tuple(text) if isinstance(text, list | tuple) else (text or "",)


@pytest.mark.parametrize(
    "text",
    [
        "Next day",  # a template
        "1 visit",  # a template's plural
        "Please check these answers",  # a macro
        "%(sender)s: NEW TIME. Your visit is now on %(day)s at %(time)s. Details: %(link)s",
        "Consent belongs to the number: ask again when it changes.",  # a lazy label of a form
    ],
)
def test_texts_of_templates_messages_and_forms_are_found(texts: Catalog, text: str) -> None:
    assert text in {flat(message.id)[0] for message in messages(texts)}


def test_a_clinic_may_write_in_every_language() -> None:
    assert set(languages.LANGUAGES) <= set(get_args(Language))


def test_every_language_has_all_that_patients_read(patient_texts: Catalog) -> None:
    others = set(languages.LANGUAGES) - {"en"}
    assert list(problems(BOOKING / "translations", others, patient_texts)) == []


def test_what_staff_read_is_in_english_alone(texts: Catalog, patient_texts: Catalog) -> None:
    assert languages.STAFF_LANGUAGES == ("en",)
    all_texts, patients = ({message.id for message in messages(c)} for c in (texts, patient_texts))
    assert "Sign out" in all_texts - patients
    assert patients < all_texts


def test_what_a_catalogue_lacks_is_noticed(texts: Catalog, tmp_path: Path) -> None:
    path = write(tmp_path, marked(texts))
    assert list(problems(tmp_path, {OTHER}, texts)) == []
    assert len(list(problems(tmp_path, set(), texts))) == 1
    catalogue = read(path, OTHER)
    catalogue.get("Next day").string = ""
    catalogue.get("%(day)s, %(time)s (%(zone)s)").string = "«%(day)s, %(temps)s (%(zone)s)»"
    with path.open("wb") as file:
        write_po(file, catalogue)
    assert list(problems(tmp_path, {OTHER}, texts)) == [
        f"{OTHER}: other placeholders in '%(day)s, %(time)s (%(zone)s)'",
        f"{OTHER}: no translation of 'Next day'",
        f"{OTHER}: not compiled as it stands",
    ]


class Shown(HTMLParser):
    """Collects what a page shows or says, but for what it marks as data: names and codes as kept."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.data_tag = ""  # the element marked as data that is open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {"title", "alt", "placeholder", "aria-label"}
        self.parts += [value for name, value in attrs if name in said and value]
        if ("translate", "no") in attrs:
            self.data_tag = tag

    def handle_endtag(self, tag: str) -> None:
        self.data_tag = "" if tag == self.data_tag else self.data_tag

    def handle_data(self, data: str) -> None:
        if not self.data_tag:
            self.parts.append(data)


def left_in_english(page: str) -> list[str]:
    """Return what a page says that is neither marked nor data."""
    shown = Shown()
    shown.feed(page)
    text, earlier = "\n".join(shown.parts), ""
    while text != earlier:  # a text may stand within another
        text, earlier = MARKED.sub("", text), text
    lines = DATA.sub("", text).split("\n")
    return [line.strip() for line in lines if re.search(r"[^\W\d_]{2}", line)]


def test_no_page_says_anything_past_its_catalogue(
    sqlite_app: Flask, texts: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, marked(texts))
    for name in ("LANGUAGES", "STAFF_LANGUAGES"):
        monkeypatch.setattr(page_language, name, ("en", OTHER))
    monkeypatch.setattr(page_language, "OWN_NAMES", {"en": "English", OTHER: "français"})
    settings = settings_for(sqlite_app.config["DATABASE_URL"])
    app = create_app({**settings, "BABEL_TRANSLATION_DIRECTORIES": str(tmp_path)})
    seen, english = 0, {}
    with time_machine.travel(NOW, tick=False):
        a_patient(a_clinic())
        appointment = a_booking()
        for browser in (app.test_client(), signed_in(app, Role.PRACTITIONER)):
            for rule in (rule for rule in rules(app) if "GET" in verbs(rule)):
                path = address(app, rule, token=appointment.token, reference=appointment.reference)
                response = browser.get(path, headers={"Accept-Language": OTHER})
                if response.mimetype == "text/html" and response.status_code != 302:
                    seen, english[path] = seen + 1, left_in_english(response.text)
    assert seen > 30
    assert {path: said for path, said in english.items() if said} == {}
