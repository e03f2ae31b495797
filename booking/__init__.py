"""Consultation booking and infusion-series scheduling: the app, wired together here and only here."""

from collections.abc import Mapping
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import import_string

from booking import zones
from booking.appointments.guards import register_call_substitute, register_guard
from booking.appointments.notices import register_notices
from booking.db.engines import engine_options, further_engines, parse_database_url, prepare_engine
from booking.demo import views as demo
from booking.demo.separation import keep_apart
from booking.desk import views as desk
from booking.desk.people import views as people
from booking.extensions import babel, csrf, db, login, migrate
from booking.interchange import feeds, scheduling_links, twilio_reports
from booking.interchange import views as interchange
from booking.interchange.fhir import views as fhir
from booking.logs import configure_logging
from booking.numbers import parse_number
from booking.outages.substitute import OutageCalls
from booking.reminders.undone_notices import AppointmentNotices
from booking.series.guard import SeriesGuard
from booking.settings import check_settings
from booking.site import views as site
from booking.web import (
    assets,
    clinic_contacts,
    compression,
    cookies,
    errors,
    formats,
    health,
    limits,
    metrics,
    page_language,
    request_catalogue,
    response_timing,
    security,
)
from booking.web.errors import AnsweringFlask
from config import INSTANCE, MIGRATIONS, Defaults

zones.use_locked_tzdata()  # before anything asks for a zone


class OperatorCommands(AppGroup):
    """The commands of `flask`, imported when one is asked for: the web runs none of them."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return all names, Flask-Migrate's among them."""
        self._import_commands()
        return super().list_commands(context)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return the command of this name, if there is one."""
        self._import_commands()
        return super().get_command(context, name)

    def _import_commands(self) -> None:
        for group in import_string("booking.cli:GROUPS"):
            self.add_command(group)


def create_offline_app() -> Flask:
    """Make an app that has the commands of `flask` and nothing else: no settings, no database."""
    app = AnsweringFlask(__name__, template_folder="../templates", instance_path=str(INSTANCE))
    app.cli = OperatorCommands(app.name)
    return app


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Make the app. `settings` come after the defaults and the environment (BOOKING_…)."""
    app = create_database_app(settings)
    _set_up_web(app)
    for feature in _features(app):
        app.register_blueprint(feature.blueprint)
    register_guard(app, SeriesGuard())
    register_call_substitute(app, OutageCalls())
    register_notices(app, AppointmentNotices())
    return app


def create_database_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Make an app that has its settings and its database, and no pages: migrations need no more."""
    app = create_offline_app()
    app.config.from_object(Defaults)
    app.config.from_prefixed_env("BOOKING", loads=_plain)
    app.config.update(settings or {})
    check_settings(app.config)
    keep_apart(app.config)
    _set_up_database(app)
    return app


def _features(app: Flask) -> tuple[Any, ...]:
    """Return the modules whose `blueprint` the app serves."""
    always = (
        *(site, people, desk, interchange, fhir, scheduling_links, feeds, twilio_reports),
        *(health, metrics),
    )
    return (*always, demo) if app.config["DEMO"] else always


def _plain(text: str) -> Any:
    """Read a setting from the environment: whole numbers and true/false, else the text itself."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    number = parse_number(text)
    return text if number is None else number


def _set_up_database(app: Flask) -> None:
    url = parse_database_url(app.config["DATABASE_URL"])
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    backend = url.get_backend_name()
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(backend)
    app.config["SQLALCHEMY_BINDS"] = further_engines(url, app.config["REPLICA_URL"])
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    with app.app_context():
        prepare_engine(db.engine)


def _set_up_web(app: Flask) -> None:
    app.config.update(
        MAX_CONTENT_LENGTH=64 * 1024,
        BABEL_DEFAULT_LOCALE=app.config["DEFAULT_LANGUAGE"],
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # FormTokens checks
    )
    for extension in (csrf, login):
        extension.init_app(app)
    babel.init_app(
        app,
        default_translation_directories="translations",
        locale_selector=page_language.current_language,
    )
    configure_logging(app)
    cookies.init_app(app)
    metrics.init_app(app)
    response_timing.init_app(app)
    security.init_app(app)
    limits.init_app(app)
    compression.init_app(app)
    assets.init_app(app)
    request_catalogue.init_app(app)
    errors.init_app(app)
    clinic_contacts.init_app(app)
    formats.init_app(app)
    page_language.init_app(app)
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]  # Flask's documented way
