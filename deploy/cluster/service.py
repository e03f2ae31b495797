"""The service over several hosts, each an address of this machine: nginx, web hosts, schedulers, database.

127.0.1.1 is nginx, .11 to .13 web hosts, .21 and .22 PostgreSQL, .31 Redis. A host is a process here; what
one knows, it knows from the database.
"""

import functools
import secrets
import subprocess
import sys
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path

from deploy.cluster.postgresql import Pair, Server, make_folder
from deploy.cluster.processes import Processes, wait_until
from deploy.cluster.redis import start_redis

ROOT = Path(__file__).parent.parent.parent
FRONT, REDIS = "127.0.1.1", "127.0.1.31"
WEBS = {f"web-{number}": f"127.0.1.{10 + number}" for number in (1, 2, 3)}
DATABASES = {"postgresql-a": "127.0.1.21", "postgresql-b": "127.0.1.22"}
SCHEDULERS = ("scheduler-1", "scheduler-2")
DATABASE = "booking"
SECRET = secrets.token_hex(32)
NGINX = """
daemon off; pid {folder}/nginx.pid; error_log stderr crit; worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    upstream web {{ {servers} }}
    server {{
        listen {address};
        location / {{
            proxy_pass http://web;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_connect_timeout 2s;
            proxy_next_upstream error timeout;
        }}
    }}
}}
"""


class Service:
    """All of it in one folder; `port` is the same at each address."""

    def __init__(self, folder: Path, port: int, settings: Mapping[str, str]) -> None:
        self.processes, self.port = Processes(folder), port
        data = make_folder(folder / "data")
        servers = [Server(name, host, port, data) for name, host in DATABASES.items()]
        self.database = Pair(self.processes, *servers)
        self.url = f"http://{FRONT}:{port}"
        self._settings = settings

    def start(self) -> None:
        """Start everything, the front last."""
        self.database.create(DATABASE)
        start_redis(self.processes, REDIS, self.port)
        self.flask("db", "upgrade")
        for name in SCHEDULERS:
            command = [sys.executable, "-m", "flask", "scheduler"]
            self.processes.start(name, command, self.environment)
        for name, host in WEBS.items():
            self._start_web(name, host)
        for name, host in WEBS.items():
            wait_until(functools.partial(self.answers, host), f"{name} answers")
        self._start_nginx()
        wait_until(lambda: self.answers(FRONT), "nginx answers")

    @property
    def environment(self) -> dict[str, str]:
        """The settings of each host."""
        return {
            "BOOKING_DATABASE_URL": self.database.primary_url(DATABASE),
            "BOOKING_REPLICA_URL": self.database.replica_url(DATABASE),
            "BOOKING_LIMITS_STORAGE_URL": f"redis://{REDIS}:{self.port}",
            "BOOKING_PUBLIC_URL": self.url,
            "BOOKING_TRUSTED_PROXIES": "1",
            "BOOKING_SECURE_COOKIES": "false",
            "BOOKING_SCHEDULER_SECONDS": "1",
            "BOOKING_SECRET_KEY": SECRET,
            "FLASK_APP": "wsgi:app",
            "PYTHONPATH": str(ROOT),
            **self._settings,
        }

    def _start_web(self, name: str, host: str) -> None:
        serve = [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            str(ROOT / "deploy/gunicorn.conf.py"),
        ]
        command = [*serve, "--chdir", str(ROOT), "--bind", f"{host}:{self.port}", "wsgi:app"]
        self.processes.start(name, command, {**self.environment, "WEB_CONCURRENCY": "1"})

    def flask(self, *arguments: str) -> str:
        """Run a command of `flask`; return what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", *arguments], cwd=ROOT, check=True, text=True,
            stdout=subprocess.PIPE, env=self.environment,
        )  # fmt: skip
        return done.stdout

    def answers(self, host: str) -> bool:
        """Tell whether a web host, or nginx, answers."""
        connection = HTTPConnection(host, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def _start_nginx(self) -> None:
        folder = self.processes.folder
        servers = " ".join(
            f"server {host}:{self.port} max_fails=1 fail_timeout=2s;" for host in WEBS.values()
        )
        address = f"{FRONT}:{self.port}"
        text = NGINX.format(folder=folder, servers=servers, address=address)
        (folder / "nginx.conf").write_text(text)
        self.processes.start("nginx", ["/usr/sbin/nginx", "-c", str(folder / "nginx.conf")])
