"""Commands for every job an operator has; each one calls one operation."""

import click
from flask.cli import AppGroup

from booking import clock
from booking.audit import operations as audit
from booking.staff import operations as staff

staff_group = AppGroup("staff", help="People who work here.")
audit_group = AppGroup("audit", help="The record of who did what.")


@staff_group.command("set-password")
@click.argument("email")
@click.password_option()
def set_password(email: str, password: str) -> None:
    """Let a member of staff sign in; ends the sign-ins they have."""
    try:
        staff.set_password(email, password, clock.now())
    except LookupError as error:
        raise click.ClickException(f"nobody active has the e-mail {email}") from error
    except staff.PasswordTooShort as error:
        raise click.ClickException(
            f"a password has at least {staff.SHORTEST_PASSWORD} characters"
        ) from error


@audit_group.command("verify")
def verify() -> None:
    """Check the audit trail against its seals."""
    try:
        click.echo(f"{audit.verify()} sealed entries, all as they were written")
    except audit.BrokenSeal as error:
        raise click.ClickException(str(error)) from error


GROUPS = (staff_group, audit_group)
