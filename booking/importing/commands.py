"""`flask import`: what a clinic brings along from another system."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click
from flask.cli import AppGroup

from booking import clock
from booking.importing.appointments import Defaults, import_appointments
from booking.importing.columns import (
    APPOINTMENT_FIELDS,
    PATIENT_FIELDS,
    Fields,
    MissingColumns,
    find_columns,
)
from booking.importing.outcomes import ImportedLine, Outcome
from booking.importing.patients import import_patients
from booking.importing.tables import Table, UnreadableTable, read_table

import_group = AppGroup("import", help="What a clinic brings along from another system.")
file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
write_option = click.option(
    "--write", is_flag=True, help="Do it; without, only say what would be done."
)


@import_group.command("patients")
@file_argument
@write_option
def run_patients(file: Path, write: bool) -> None:
    """Make records of the patients in FILE (CSV or xlsx, with headings); the same file again makes none."""
    table, columns = _read(file, PATIENT_FIELDS, "birth_date")
    _report(import_patients(table.lines, columns, clock.now(), keep=write), write)


@import_group.command("appointments")
@file_argument
@click.option("--location", default="", help="Where rows are that don't say so: its slug.")
@click.option("--service", default="", help="What rows are for that don't say so: its slug.")
@write_option
def run_appointments(file: Path, location: str, service: str, write: bool) -> None:
    """Book the coming appointments in FILE; the same file again books none. Patients come first."""
    table, columns = _read(file, APPOINTMENT_FIELDS, "start")
    lines = import_appointments(
        table.lines, columns, Defaults(location, service), clock.now(), keep=write
    )
    _report(lines, write)


def _read(file: Path, fields: Fields, required: str) -> tuple[Table, dict[str, str]]:
    """Return a file's rows and the headings of their fields; say which, and which are left."""
    try:
        table = read_table(file)
        columns = find_columns(table.headings, fields, required)
    except (UnreadableTable, MissingColumns) as error:
        raise click.UsageError(str(error)) from error
    unread = [heading for heading in table.headings if heading not in columns.values()]
    click.echo(f"read: {', '.join(columns.values())}; not read: {', '.join(unread) or 'none'}")
    return table, columns


def _report(lines: Iterable[ImportedLine], write: bool) -> None:
    counts = Counter[Outcome]()
    for line in lines:
        counts[line.outcome] += 1
        if line.reason:
            click.echo(f"line {line.number} is refused: {line.reason}")
    click.echo(", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome))
    if not write:
        click.echo("Nothing was written: again with --write.")
