"""A language is added as the README says: the service starts with it, and the desk's forms have it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from booking.desk.setup.fields import parse_texts

ROOT = Path(__file__).parents[1]
ADDITIONS = (
    ("booking/languages.py", "(ENGLISH, SPANISH)", '(ENGLISH, SPANISH, "fr")'),
    ("booking/languages.py", '"es": "es_US"', '"es": "es_US", "fr": "fr_CA"'),
    ("booking/web/page_language.py", '"es": "Español"', '"es": "Español", "fr": "Français"'),
    ("booking/clinic/fields.py", 'Literal["en", "es"]', 'Literal["en", "es", "fr"]'),
)


def add_french(root: Path) -> None:
    """Copy the service, and write into it what the README's "a language" says."""
    for folder in ("booking", "templates"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "config.py", root)
    for name, old, new in ADDITIONS:
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new))


def test_a_third_language_starts_and_has_its_fields_at_the_desk(tmp_path: Path) -> None:
    add_french(tmp_path)
    command = [sys.executable, "-c", (ROOT / "tests" / "third_language.py").read_text()]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    forms = json.loads(run.stdout.splitlines()[-1])
    assert "In French" in forms["labels"]
    assert forms["texts"]["fr"] == "Une question ?"
    assert ["Name in French", "Un modèle"] in forms["names"]


def test_a_text_in_a_language_without_a_field_stays() -> None:
    before = {"en": "Old", "es": "Viejo", "fr": "Vieux"}
    texts = parse_texts({"names.en": "New", "names.es": ""}, "names", before)
    assert texts == {"en": "New", "fr": "Vieux"}
