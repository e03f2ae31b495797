"""Patients come along from another system's export, once each, or are refused by line."""

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.audit.models import AuditEntry
from booking.extensions import db
from booking.importing.cells import MissingColumns, recognize_columns
from booking.importing.columns import PATIENT_FIELDS
from booking.importing.tables import UnreadableTable, read_table
from booking.patients.models import Patient, TextConsent

EXPORT = """Client First Name,Client Last Name,Date of Birth,Mobile Phone,Email,Notes
Maria,Ruiz,02/29/1980,(602) 555-0123,Maria@Example.com,"two
lines"
José,Núñez,1975-12-31,,jose@example.com,
Maria,Ruiz,1980-02-29,602-555-0123,,again
,,,,,
Ann,,01/02/1980,,,
Ann,Lee,,,,
Ann,Lee,13/13/1980,,,
Ann,Lee,01/02/2020,,,
Ann,Lee,01/02/1980,12,,
Ann,Lee,01/02/1980,,ann@,
Mary,Ruiz,02/29/1980,,,
"""
REFUSED = {
    7: "a name is empty",
    8: "no birth date that can be read",
    9: "no birth date that can be read",
    10: "under age",
    11: "the phone number is in no numbering plan",
    12: "mail can't be sent to the e-mail address",
}
OPEN_XML = "http://schemas.openxmlformats.org"
MAIN = f"{OPEN_XML}/spreadsheetml/2006/main"
OF_OFFICE = f"{OPEN_XML}/officeDocument/2006/relationships"
OF_PACKAGE = f"{OPEN_XML}/package/2006/relationships"
TYPES = "application/vnd.openxmlformats"
WORKBOOK = {  # the least that is one; format 1 is a date
    "[Content_Types].xml": f"""<Types xmlns="{OPEN_XML}/package/2006/content-types">
<Default Extension="rels" ContentType="{TYPES}-package.relationships+xml"/>
<OverriddenBy PartName="/xl/workbook.xml"
 ContentType="{TYPES}-officedocument.spreadsheetml.sheet.main+xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{OF_PACKAGE}">
<Relationship Id="r1" Type="{OF_OFFICE}/officeDocument" Target="xl/workbook.xml"/>
</Relationships>""",
    "xl/workbook.xml": f"""<workbook xmlns="{MAIN}" xmlns:r="{OF_OFFICE}">
<sheets><sheet name="Clients" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{OF_PACKAGE}">
<Relationship Id="r1" Type="{OF_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="r2" Type="{OF_OFFICE}/styles" Target="styles.xml"/></Relationships>""",
    "xl/styles.xml": f"""<styleSheet xmlns="{MAIN}">
<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>""",
}
SHEET = f'<worksheet xmlns="{MAIN}"><sheetData>{{}}</sheetData></worksheet>'


def write_workbook(path: Path, *rows: tuple[str, ...]) -> Path:
    """Write a workbook of one sheet; what begins with "=" is a cell as it stands."""
    text = '<c t="inlineStr"><is><t>{}</t></is></c>'
    cells = [
        "".join(c[1:] if c.startswith("=") else text.format(escape(c)) for c in row) for row in rows
    ]
    sheet = SHEET.format("".join(f"<row>{row}</row>" for row in cells))
    with zipfile.ZipFile(path, "w") as file:
        for name, content in {**WORKBOOK, "xl/worksheets/sheet1.xml": sheet}.items():
            file.writestr(name, content)
    return path


def run(app: Flask, *arguments: str) -> str:
    result = app.test_cli_runner().invoke(args=["import", "patients", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def patients() -> list[tuple[str, str | None, str | None]]:
    db.session.rollback()
    rows = db.session.scalars(select(Patient).order_by(Patient.id))
    return [
        (f"{row.given_name} {row.family_name} {row.birth_date}", row.phone, row.email)
        for row in rows
    ]


def test_an_export_is_tried_first_and_then_imported_once(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text(EXPORT)
    tried = run(app, str(path))
    assert "Nothing was written" in tried
    assert patients() == []
    written = run(app, str(path), "--write")
    for number, reason in REFUSED.items():
        assert f"line {number} is refused: {reason}\n" in tried
        assert f"line {number} is refused: {reason}\n" in written
    assert "line 13 is refused: may be patient" in written  # alike, which a dry run can't know
    assert "2 new, 1 here already, 7 refused" in written
    assert "not read: Notes" in written
    assert patients() == [
        ("Maria Ruiz 1980-02-29", "+16025550123", "maria@example.com"),
        ("José Núñez 1975-12-31", None, "jose@example.com"),
    ]
    assert "0 new, 3 here already, 7 refused" in run(app, str(path), "--write")
    assert len(patients()) == 2
    actors = db.session.scalars(select(AuditEntry.actor).filter_by(action="create_patient")).all()
    assert actors == ["import"] * 2
    assert db.session.scalar(select(func.count()).select_from(TextConsent)) == 0


def test_a_workbook_says_the_same(sqlite_app: Flask, tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "clients.xlsx",
        ("Patient Name", "DOB", "Phone", "Language"),
        ("Ruiz, María", '=<c s="1"><v>29280</v></c>', "=<c><v>6025550123</v></c>", "Español"),
        ("Ann van Lee", "2/3/1980", "", "es-MX"),
    )
    assert "2 new" in run(sqlite_app, str(path), "--write")
    assert patients() == [
        ("María Ruiz 1980-02-29", "+16025550123", None),
        ("Ann van Lee 1980-02-03", None, None),
    ]


def test_of_several_columns_the_best_that_is_filled_counts(
    sqlite_app: Flask, tmp_path: Path
) -> None:
    path = tmp_path / "clients.csv"
    path.write_text(
        "First Name,Last Name,Full Name,DOB,Home Phone,Mobile Phone,Phone numbers,Email,Email\n"
        "Jane,Alpha,,1980-03-04,602-555-0130,,,,jane@example.com\n"
        "Zoë,Ñandú,,1980-03-04,602-555-0132,(602) 555-0131,,zoe@example.com,\n"
        'Cleo,,Cleo Gamma,1980-03-04,,,"602-555-0133 (Home), 602-555-0134 (Mobile)",,\n'
    )
    assert "3 new" in run(sqlite_app, str(path), "--write")
    assert patients() == [
        ("Jane Alpha 1980-03-04", "+16025550130", "jane@example.com"),
        ("Zoë Ñandú 1980-03-04", "+16025550131", "zoe@example.com"),
        ("Cleo Gamma 1980-03-04", "+16025550134", None),
    ]


def test_who_is_no_patient_there_any_more_is_listed_and_left_out(
    sqlite_app: Flask, tmp_path: Path
) -> None:
    path = tmp_path / "clients.csv"
    path.write_text(
        "Client Name,DOB,Deceased,Archived at,Date of death,Banned,Client Status\n"
        "Ann Lee,1980-03-04,Yes,,,,\n"
        "Ann Lee,1980-03-04,No,2025-01-01,,,\n"
        "Ann Lee,1980-03-04,No,,2025-01-01,,\n"
        "Ann Lee,1980-03-04,No,,,yes,\n"
        "Ann Lee,1980-03-04,No,,,,Archived\n"
        "Sam Delta,1980-03-04,No,,,no,Inactive\n"
    )
    written = run(sqlite_app, str(path), "--write")
    for number, reason in (
        *((2, "deceased there"), (3, "archived or deleted there"), (4, "deceased there")),
        *((5, "banned there"), (6, "archived or deleted there")),
    ):
        assert f"line {number} is refused: {reason}\n" in written
    assert patients() == [("Sam Delta 1980-03-04", None, None)]


def test_birth_dates_of_one_file_are_read_one_way(sqlite_app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text("Name,DOB\nCleo Gamma,13/04/1980\nClea Gamma,05/04/1980\n")
    assert "2 new" in run(sqlite_app, str(path), "--write")
    assert [name for name, *_ in patients()] == ["Cleo Gamma 1980-04-13", "Clea Gamma 1980-04-05"]


def test_a_row_ends_where_its_line_does_and_nowhere_else(tmp_path: Path) -> None:
    text = 'Name,Notes\r\nAnn,a\u2028b\x0bc\x0cd\x1ce\x85f\u2029g\r\nBo,"two\r\nlines"\r\nCy,\r\n'
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        (tmp_path / "a.csv").write_bytes(text.encode(encoding))
        lines = read_table(tmp_path / "a.csv").lines
        assert [(line.number, line.cells["Name"]) for line in lines] == [
            *((2, "Ann"), (3, "Bo"), (5, "Cy")),
        ]


def test_what_is_no_table_is_refused(sqlite_app: Flask, tmp_path: Path) -> None:
    for name, content in (("a.xlsx", b"PK\x03\x04none"), ("b.csv", b""), ("c.csv", b'"never ends')):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UnreadableTable):
            read_table(tmp_path / name)
    for headings in (("First Name", "DOB"), ("First Name", "Last Name", "Email"), ()):
        with pytest.raises(MissingColumns):
            recognize_columns(headings, PATIENT_FIELDS, ("birth_date",))
    (tmp_path / "d.csv").write_bytes(
        "Vorname;Surname;Birthday\nJos\xe9;B;1/1/80\n".encode("cp1252")
    )
    assert read_table(tmp_path / "d.csv").lines[0].cells["Vorname"] == "José"
    result = sqlite_app.test_cli_runner().invoke(
        args=["import", "patients", str(tmp_path / "d.csv")]
    )
    assert (result.exit_code, "names" in result.output) == (2, True)


@pytest.mark.parametrize(
    "above", ["", "\n\n", "Clients, all\n;;\n", "sep=;\n", "Made 11/27/2026\n\n"]
)
def test_headings_are_found_below_a_title(sqlite_app: Flask, tmp_path: Path, above: str) -> None:
    path = tmp_path / "clients.csv"
    path.write_text(f"{above}First Name;Last Name;DOB\nAnn;Lee;2/29/1980\nBo;Lee;\n")
    said = run(sqlite_app, str(path))
    assert "1 new, 0 here already, 1 refused" in said
    number = above.count("\n") + 3
    assert f"line {number} is refused: no birth date" in said


@pytest.mark.parametrize(
    "text",
    ["1980-02-29 00:00:00", "1980-02-29T00:00:00.000", "2/29/1980 12:00:00 AM", "2/29/1980 0:00"],
)
def test_a_birth_date_may_have_a_midnight_behind_it(
    sqlite_app: Flask, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "clients.csv"
    path.write_text(f"Name|DOB\nAnn Lee|{text}\nBo Lee|1980-02-29 07:00:00\n")
    assert "line 3 is refused: no birth date" in run(sqlite_app, str(path), "--write")
    assert patients() == [("Ann Lee 1980-02-29", None, None)]


def test_what_cannot_be_read_is_said_with_its_line(sqlite_app: Flask, tmp_path: Path) -> None:
    quotes = 'Name,DOB\nAnn Lee,1/1/1980\n"Bo" x,1/1/1980\n'
    for name, content, message in (
        ("a.csv", quotes.encode(), "row from line 3 on"),
        ("c.csv", "Name,DOB".encode("utf-16-le"), "neither CSV nor xlsx"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UnreadableTable, match=message):
            read_table(tmp_path / name)
    (tmp_path / "d.csv").write_bytes(b"Name,DOB\nAnn\0 Lee,1/1/1980\n")
    assert "a name has characters that nobody sees" in run(sqlite_app, str(tmp_path / "d.csv"))
