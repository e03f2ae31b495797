"""TLS as in production: nginx with deploy/nginx.conf in front of gunicorn, certificates of our own."""

import contextlib
import os
import random
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path

import trustme

from tests.server import ROOT, Server, serve

NGINX = Path("/usr/sbin/nginx")
HOST = "127.0.0.1"
PORTS = range(10_000, 32_000)  # Linux gives connections and port 0 what is above
AROUND = """
daemon off; master_process off; error_log stderr crit; pid {place}/nginx.pid;
events {{ worker_connections 512; }}
http {{
    client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi;
    uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
    include {place}/site.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running nginx: its HTTPS and HTTP ports, and the certificate authority that it is proven by."""

    port: int
    plain_port: int
    authority: Path

    @property
    def url(self) -> str:
        """The address visitors open."""
        return f"https://{HOST}:{self.port}"

    def ask(
        self, path: str, method: str = "GET", body: str | None = None, **headers: str
    ) -> HTTPResponse:
        """Send one request over TLS; header names have _ for -."""
        trusted = ssl.create_default_context(cafile=str(self.authority))
        connection = HTTPSConnection(HOST, self.port, timeout=30, context=trusted)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        response = connection.getresponse()
        response.body = response.read()  # type: ignore[attr-defined]  # for tests to look at
        connection.close()
        return response


def nginx() -> str:
    """Return nginx's path; raises RuntimeError where there is none, so that tests fail."""
    if not NGINX.exists():
        raise RuntimeError(f"no nginx at {NGINX}: `make test` installs it")
    return str(NGINX)


@contextlib.contextmanager
def behind_tls(database_url: str, path: Path) -> Iterator[tuple[Proxy, Server]]:
    """Run the service as docs/operating.md says: secure cookies, one proxy, an https address."""
    proxy = Proxy(free_port(), free_port(), path / "authority.pem")
    web = serve(
        database_url,
        path / "gunicorn.log",
        TRUSTED_PROXIES="1",
        SECURE_COOKIES="true",
        PUBLIC_URL=proxy.url,
    )
    with web as server, running_nginx(proxy, server.url, path):
        yield proxy, server


@contextlib.contextmanager
def running_nginx(proxy: Proxy, upstream: str, path: Path) -> Iterator[None]:
    """Run nginx with the file from deploy/, its ports, certificate and logs put in."""
    make_certificate(path, HOST)
    # Workers that give up root for another user must reach the folder: not below pytest's own.
    folder = Path(tempfile.mkdtemp(prefix="booking-nginx-"))
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    (folder / "site.conf").write_text(_filled(site, proxy, upstream, path, folder))
    (folder / "nginx.conf").write_text(AROUND.format(place=folder))
    command = [nginx(), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    with (path / "nginx.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=_plain_environment())
    try:
        _wait_for(proxy.port, process, path / "nginx.log")
        yield
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def make_certificate(path: Path, host: str) -> None:
    """Write authority.pem, and host.pem and host-key.pem proven by it, into the folder `place`."""
    authority = trustme.CA()
    proof = authority.issue_cert(host)
    authority.cert_pem.write_to_path(path / "authority.pem")
    proof.private_key_pem.write_to_path(path / "host-key.pem")
    proof.cert_chain_pems[0].write_to_path(path / "host.pem")


def free_port() -> int:
    """Return a port that nobody listens at, below those that the system gives to connections by itself."""
    while True:
        port = random.choice(PORTS)
        with contextlib.suppress(OSError), socket.create_server((HOST, port)):
            return port


def _filled(site: str, proxy: Proxy, upstream: str, path: Path, folder: Path) -> str:
    """Return the site with what an operator would change; each must be there, as the comment promises."""
    certificates = "/etc/letsencrypt/live/visits.example.com"
    changes = {
        "listen [::]:80;": "",
        "listen [::]:443 ssl http2;": "",
        "listen 80;": f"listen {HOST}:{proxy.plain_port};",
        "listen 443 ssl http2;": f"listen {HOST}:{proxy.port} ssl http2;",
        f"{certificates}/fullchain.pem": str(path / "host.pem"),
        f"{certificates}/privkey.pem": str(path / "host-key.pem"),
        "https://visits.example.com$request_uri": f"{proxy.url}$request_uri",
        "http://127.0.0.1:8000": upstream,
        "/var/log/nginx/booking-error.log": str(folder / "error.log"),
    }
    for before, after in changes.items():
        assert before in site
        site = site.replace(before, after)
    return site


def _plain_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("BOOKING_")}


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    while process.poll() is None:
        with contextlib.suppress(OSError):
            HTTPConnection(HOST, port, timeout=10).connect()
            return
    raise RuntimeError(f"nginx did not start: {log.read_text()}")
