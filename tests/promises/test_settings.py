"""Every setting is explained where operators look, and nothing is explained that isn't there."""

import re

from config import Defaults
from tests.promises.source import BOOKING, ROOT, python_files

ROW = re.compile(r"^\|\s*`BOOKING_([A-Z_]+)`", re.MULTILINE)
USE = re.compile(r"config\[\"([A-Z_]+)\"\]|config\.get\(\"([A-Z_]+)\"")
OF_LIBRARIES = ("SQLALCHEMY_", "TESTING", "DEBUG")


def settings() -> set[str]:
    return {name for name in vars(Defaults) if name.isupper()}


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    assert set(ROW.findall((ROOT / "docs" / "settings.md").read_text())) == settings()


def test_every_setting_that_is_read_has_a_default() -> None:
    text = "".join(path.read_text() for path in python_files())
    read = {first or second for first, second in USE.findall(text)}
    assert {name for name in read - settings() if not name.startswith(OF_LIBRARIES)} == set()


def test_every_setting_is_read() -> None:
    text = "".join(path.read_text() for path in python_files(BOOKING))
    assert {name for name in settings() if f'"{name}"' not in text} == set()
