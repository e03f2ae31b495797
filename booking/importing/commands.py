"""`flask import`: what a clinic brings along from another system."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click
from flask.cli import AppGroup

from booking import clock
from booking.importing.appointments import Defaults, import_appointments
from booking.importing.cells import MissingColumns
from booking.importing.columns import APPOINTMENT_FIELDS, PATIENT_FIELDS, Fields
from booking.importing.date_orders import DateOrder, MixedDates
from booking.importing.exports import Export, open_export
from booking.importing.outcomes import ImportedLine, RowOutcome
from booking.importing.patients import import_patients
from booking.importing.tables import UnreadableTable

import_group = AppGroup("import", help="What a clinic brings along from another system.")
file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
write_option = click.option(
    "--write", is_flag=True, help="Do it; without, only say what would be done."
)
date_order_option = click.option(
    "--day-first/--month-first",
    "is_day_first",
    default=None,
    help="What comes first in 2/3/2026; without, as the file's other dates show, else the month.",
)


@import_group.command("patients")
@file_argument
@date_order_option
@write_option
def run_patients(file: Path, is_day_first: bool | None, write: bool) -> None:
    """Make records of the patients in FILE (CSV or xlsx, with headings); the same file again makes none."""
    export = _open(file, PATIENT_FIELDS, ("birth_date",), is_day_first)
    _report(import_patients(export, clock.now(), keep=write), write)


@import_group.command("appointments")
@file_argument
@click.option("--location", default="", help="Where rows are that don't say so: its slug.")
@click.option("--service", default="", help="What rows are for that don't say so: its slug.")
@date_order_option
@write_option
def run_appointments(
    file: Path, location: str, service: str, is_day_first: bool | None, write: bool
) -> None:
    """Book the coming appointments in FILE; the same file again books none. Patients come first."""
    export = _open(file, APPOINTMENT_FIELDS, ("start", "date"), is_day_first)
    _report(
        import_appointments(export, Defaults(location, service), clock.now(), keep=write), write
    )


def _open(
    file: Path, fields: Fields, required: tuple[str, ...], is_day_first: bool | None
) -> Export:
    """Read a file; say which of its columns, which are left, and how its dates are read."""
    orders = {None: None, True: DateOrder.DAY_FIRST, False: DateOrder.MONTH_FIRST}
    try:
        export = open_export(file, fields, required, orders[is_day_first])
    except (UnreadableTable, MissingColumns, MixedDates) as error:
        raise click.UsageError(str(error)) from error
    headings = export.headings_read
    unread = [each for each in export.table.headings if each and each not in headings]
    if others := export.table.sheets_left:
        click.echo(f'sheet "{export.table.sheet}" is read; not read: {", ".join(others)}')
    click.echo(f"read: {', '.join(headings)}; not read: {', '.join(unread) or 'none'}")
    click.echo(f"dates like 2/3/2026 are read with the {export.date_order} first")
    return export


def _report(lines: Iterable[ImportedLine], write: bool) -> None:
    counts = Counter[RowOutcome]()
    for line in lines:
        counts[line.outcome] += 1
        if line.reason:
            click.echo(f"line {line.number} is refused: {line.reason}")
    click.echo(", ".join(f"{counts[outcome]} {outcome}" for outcome in RowOutcome))
    if not write:
        click.echo("Nothing was written: again with --write.")
