"""A clinic on a service that runs as docs/operating.md says: started once for a file of tests."""

from collections.abc import Iterator

import pytest
from flask import Flask

from booking import create_app
from booking.extensions import db
from tests.builders import Clinic, a_clinic
from tests.databases import settings_for, sqlite_copy
from tests.proxy import Proxy, behind_tls
from tests.server import Server, app_beside

Production = tuple[Proxy, Server, Clinic]


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """nginx with the file from deploy/ in front of gunicorn, over TLS, and a clinic."""
    path = tmp_path_factory.mktemp("production")
    with sqlite_copy(path) as url, behind_tls(url, path) as (proxy, server):
        with create_app(settings_for(url)).app_context():
            clinic = a_clinic()
            db.session.remove()
            db.engine.dispose()
        yield proxy, server, clinic


@pytest.fixture
def proxy(production: Production) -> Proxy:
    return production[0]


@pytest.fixture
def server(production: Production) -> Server:
    """Overrides the suite's: the one behind the proxy."""
    return production[1]


@pytest.fixture
def clinic(production: Production) -> Clinic:
    return production[2]


@pytest.fixture
def app(server: Server) -> Iterator[Flask]:
    """The app beside the server, on the same database."""
    with app_beside(server) as made:
        yield made
