"""Commands for every job an operator has; each one calls one operation."""

import json
import sys
from pathlib import Path
from typing import NoReturn, TextIO

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from booking import clock, scheduler
from booking.audit import operations as audit
from booking.audit.rules import ChainHead, SealKeys
from booking.clinic import export
from booking.clinic import operations as clinic
from booking.clinic.impossible_report import describe_exchanges, describe_impossible
from booking.clinic.schema import ClinicFileError
from booking.demo.commands import demo_group
from booking.demo.senders import demo_senders
from booking.doctor.examination import examine_service
from booking.doctor.findings import Severity
from booking.importing.commands import import_group
from booking.messaging.providers.configured import build_senders
from booking.series.instance_requests import InvalidInstance
from booking.series.instances import solve_instance
from booking.staff import operations, password_changes, people, second_factors
from booking.staff.models import Role
from booking.staff.password_changes import WeakPassword
from booking.staff.rules import SHORTEST_PASSWORD, PasswordWeakness
from booking.storage.commands import run_backup, run_move, run_restore

BAD_INPUT = 2  # the exit status

FAULTS = {
    PasswordWeakness.TOO_SHORT: f"a password has at least {SHORTEST_PASSWORD} characters",
    PasswordWeakness.OWN_WORDS: "a password is more than one's own name and the clinic's words",
    PasswordWeakness.TOO_COMMON: "this password is too easy to guess: take four unrelated words",
}

staff_group = AppGroup("staff", help="People who work here.")
series_group = AppGroup("series", help="Infusion series.")
audit_group = AppGroup("audit", help="The record of who did what.")
clinic_group = AppGroup("clinic", help="The clinic as data.")


@click.command("scheduler")
@with_appcontext
def run_scheduler() -> None:
    """Send what is owed and keep series booked ahead, until stopped."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - for threads
    settings = app.config
    senders = demo_senders(settings) if settings["DEMO"] else build_senders(settings)
    scheduler.run_scheduler(app, senders)


@click.command("doctor")
@with_appcontext
def run_doctor() -> None:
    """Look for what keeps the service from working here, and say what to do; ends with status 1 at a fault.

    Asks the database, Twilio, the mail server and the public address. Sends and changes nothing.
    """
    findings = []
    for finding in examine_service(current_app.config, clock.now()):
        findings.append(finding)
        click.echo(f"{finding.severity:8} {finding.part}: {finding.text}")
        if finding.advice:
            click.echo(f"         → {finding.advice}")
    if any(finding.severity is Severity.FAULT for finding in findings):
        raise SystemExit(1)


@clinic_group.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite what the desk has changed since.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def load_clinic(file: Path, force: bool, dry_run: bool) -> None:
    """Make the clinic as FILE says; the same file again changes nothing."""
    now = clock.now()
    try:
        text = file.read_text(encoding="utf-8")
        if dry_run:
            result = clinic.preview_load(text, now, force=force)
        else:
            result = clinic.load_clinic(text, now, "cli", force=force)
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is not UTF-8") from error
    except ClinicFileError as error:
        raise click.ClickException("\n" + str(error)) from error
    except clinic.DeskChangesConflict as error:
        raise click.ClickException(f"{error}\nUse --force to overwrite.") from error
    for line in (
        *result.lines,
        *describe_exchanges(result.exchanges),
        *describe_impossible(result.impossible),
    ):
        click.echo(line)
    click.echo(f"{result.added} added, {result.changed} changed, {result.retired} retired")
    if result.impossible:
        click.echo(_what_follows(len(result.impossible), is_over=not dry_run))


@clinic_group.command("export")
@click.argument("file", type=click.File("w", encoding="utf-8", atomic=True), default="-")
def export_clinic(file: TextIO) -> None:
    """Write the clinic as it stands to FILE (else to standard output): loading it changes nothing."""
    try:
        file.write(export.export_clinic(clock.now()))
    except export.NothingLoaded as error:
        raise click.ClickException("load the clinic file once, with this release") from error


def _what_follows(count: int, *, is_over: bool) -> str:
    return (
        f"{count} appointment{'s' if count > 1 else ''} can't take place as booked: nothing is reminded, "
        f"and the front desk {'has' if is_over else 'would have'} a task to call about each"
    )


@staff_group.command("set-password")
@click.argument("email")
@click.password_option()
def set_password(email: str, password: str) -> None:
    """Let a member of staff sign in; ends the sign-ins they have."""
    try:
        password_changes.set_password(email, password, clock.now())
    except LookupError as error:
        raise click.ClickException(f"nobody active has the e-mail {email}") from error
    except WeakPassword as error:
        raise click.ClickException(FAULTS[error.fault]) from error


@staff_group.command("invite")
@click.argument("email")
@click.option("--name", prompt=True, help="As patients read it.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.MANAGER.value
)
def invite(email: str, name: str, role: str) -> None:
    """Take somebody on, the first manager above all; prints the link to choose a password."""
    try:
        _, invitation = people.add_person(name, email, Role(role), clock.now(), "cli")
    except people.EmailInUse as error:
        raise click.ClickException(f"somebody active has the e-mail {email}") from error
    click.echo(f"{current_app.config['PUBLIC_URL']}/desk/invitation/{invitation.token}")
    click.echo(f"works once, until {invitation.expires_at:%Y-%m-%d %H:%M} UTC")


@staff_group.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Let a member of staff sign in with the password alone: for the last manager who lost the phone."""
    person = operations.find_active_staff(email.strip().lower())
    if person is None:
        raise click.ClickException(f"nobody active has the e-mail {email}")
    second_factors.reset_second_factor(person.id, clock.now(), "cli")
    operations.end_sessions(person.id, clock.now())


@audit_group.command("verify")
@click.option(
    "--head", help="A head that was printed or logged earlier: the trail must contain it."
)
def verify(head: str | None) -> None:
    """Check the audit trail against its seals, and print its head: keep that elsewhere."""
    config = current_app.config
    keys = SealKeys.from_settings(config["AUDIT_KEY"], config["SECRET_KEY"])
    try:
        verified = audit.verify_trail(keys, ChainHead.parse(head) if head else None)
    except (audit.SealMismatch, audit.UnknownSealKey, audit.HeadNotFound, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{verified.head.count} sealed entries, all as they were written")
    click.echo(f"{verified.unsealed} more wait for their seal")
    click.echo(f"head {verified.head}")


@series_group.command("solve")
@click.argument("file", type=click.Path(path_type=Path))
def solve_series(file: Path) -> None:
    """Plan the instance in FILE (JSON; - reads standard input): plans, their costs, and a certificate.

    Needs no database. docs/series-instances.md says what FILE holds; what can't be read ends with status 2.
    """
    try:
        text = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        answer = solve_instance(text.decode())
    except OSError as error:
        _end_with(f"{file}: {error.strerror}")
    except UnicodeDecodeError:
        _end_with(f"{file}: expected UTF-8")
    except InvalidInstance as error:
        _end_with(f"{file}: {error}")
    click.echo(json.dumps(answer, indent=1))


def _end_with(problem: str) -> NoReturn:
    """End with one line that says what is wrong with the input."""
    click.echo(problem, err=True)
    raise SystemExit(BAD_INPUT)


GROUPS = (
    run_scheduler,
    run_doctor,
    run_backup,
    run_restore,
    run_move,
    clinic_group,
    import_group,
    series_group,
    staff_group,
    audit_group,
    demo_group,
)
