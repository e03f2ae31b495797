"""What a file is its first bytes say; what can't be read is said in words that help."""

import zipfile
from pathlib import Path

import pytest
from flask import Flask

from booking.importing.tables import UnreadableTable, read_table
from tests.importing.test_patients import MAIN, OF_OFFICE, OF_PACKAGE, run, write_workbook

HEADINGS, PERSON = ("First Name", "Last Name", "DOB"), ("Maria", "Ruiz", "2/29/1980")
PROTECTED = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512)


def add_first_sheet(path: Path, name: str, text: str) -> Path:
    """Put a sheet with one cell before that of a workbook."""
    with zipfile.ZipFile(path) as file:
        parts = {each: file.read(each).decode() for each in file.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        "<sheets>", f'<sheets><sheet name="{name}" sheetId="9" r:id="r9"/>'
    )
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        f'<Relationships xmlns="{OF_PACKAGE}">',
        f'<Relationships xmlns="{OF_PACKAGE}"><Relationship Id="r9" '
        f'Type="{OF_OFFICE}/worksheet" Target="worksheets/first.xml"/>',
    )
    cell = f'<c t="inlineStr"><is><t>{text}</t></is></c>'
    parts["xl/worksheets/first.xml"] = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row>{cell}</row></sheetData></worksheet>'
    )
    with zipfile.ZipFile(path, "w") as file:
        for each, content in parts.items():
            file.writestr(each, content)
    return path


def test_a_file_is_what_its_content_says_whatever_its_name(tmp_path: Path) -> None:
    for name in ("clients.csv", "clients.xlsm"):
        path = write_workbook(tmp_path / name, HEADINGS, PERSON)
        assert read_table(path).headings == HEADINGS
    path = tmp_path / "clients.xlsx"
    path.write_text("First Name,Last Name,DOB\nMaria,Ruiz,2/29/1980\n")
    assert read_table(path).headings == HEADINGS


@pytest.mark.parametrize(
    ("content", "message"), [(PROTECTED, "has a password"), (b"PK\x03\x04\x14\x00", "is damaged")]
)
def test_a_workbook_that_can_not_be_read_says_what_to_do(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "clients.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnreadableTable, match=f"{message}.*save it anew"):
        read_table(path)


def test_of_several_sheets_the_one_with_headings_is_read_and_the_others_named(
    sqlite_app: Flask, tmp_path: Path
) -> None:
    path = write_workbook(tmp_path / "clients.xlsx", ("", *HEADINGS), ("", *PERSON))
    add_first_sheet(path, "Read me", "Exported on Monday")
    tried = run(sqlite_app, str(path))
    assert 'sheet "Clients" is read; not read: Read me\n' in tried
    assert "not read: none\n" in tried  # a column without a heading is no column
    assert "1 new" in tried
