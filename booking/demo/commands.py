"""`flask demo`: the demo clinic, made ready and run."""

import click
from flask import current_app
from flask.cli import AppGroup
from flask_migrate import upgrade

from booking import clock
from booking.demo import operations, own_database, run
from booking.demo.ports import PortTaken, bind_port, url_of
from config import INSTANCE

demo_group = AppGroup("demo", help="The demo clinic.")


@demo_group.command("run")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--reset", is_flag=True, help="Start afresh instead of keeping what was booked.")
def run_demo(host: str, port: int, reset: bool) -> None:
    """Run the demo clinic: web, scheduler, and a fake text and mail provider, until stopped.

    It has a database of its own, and touches no other.
    """
    if not current_app.config["DEMO"]:
        raise click.ClickException("These are a clinic's settings; `make demo` runs the demo.")
    INSTANCE.mkdir(exist_ok=True)
    try:
        with bind_port(host, port) as listener:
            _prepare_demo(reset=reset)
            address = url_of(listener, host)
            run.serve(listener, address, INSTANCE, lambda: _welcome(address))
    except (PortTaken, run.StoppedEarly, own_database.NotTheDemos) as error:
        raise click.ClickException(str(error)) from error


def _prepare_demo(*, reset: bool) -> None:
    """Make the demo's database ready, afresh if asked to."""
    file = own_database.file_of(current_app.config["DATABASE_URL"])
    if file is None:
        raise own_database.NotTheDemos("the demo has a SQLite file of its own")
    if reset:
        own_database.delete(file)
        run.forget_messages(INSTANCE)
    own_database.make(file)
    upgrade()
    click.echo("Preparing the demo clinic …")
    operations.prepare(clock.now())


def _welcome(address: str) -> None:
    click.echo(
        f"\nPatients:  {address}/\nDesk:      {address}/desk/\nOutbox:    {address}/demo/outbox"
    )
    for person in operations.sign_ins():
        click.echo(
            f"  {person.role.value.replace('_', ' ')}: {person.email}  password: {operations.PASSWORD}"
        )
    if form := operations.find_open_form(clock.now()):
        form_token, token, born = form
        click.echo(f"A patient's visit:  {address}/a/{token}  born {born:%m/%d/%Y}")
        click.echo(f"A form to fill in:  {address}/q/{form_token}")
    click.echo("\nCtrl-C ends it; what was booked stays.")
