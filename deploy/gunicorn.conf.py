"""How gunicorn serves wsgi:app; `gunicorn --config deploy/gunicorn.conf.py wsgi:app`.

The number of workers is gunicorn's own WEB_CONCURRENCY, the address its --bind.
"""

import ctypes
import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy.orm import configure_mappers

M_MMAP_THRESHOLD = -3  # as glibc's malloc.h has it
MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps files in memory

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
preload_app = True  # workers share the pages of memory that none of them writes to
worker_class = "gthread"
# A connection occupies a thread until its request is whole: so many slow ones a worker bears. They are
# made when they are needed; how many requests run at once is up to the database's pool (engines.py).
threads = 100
timeout = 30  # seconds for a worker to say that it is alive, whatever its threads do
graceful_timeout = 5  # a thread that waits for a silent connection is waited for no longer
# A worker proves that it is alive through a file, which must not wait for a disk.
worker_tmp_dir = str(MEMORY) if MEMORY.is_dir() else None
# Nobody talks to it, and two services of one user would meet at its default path.
control_socket_disable = True
# BOOKING_TRUSTED_PROXIES says which proxies are believed; gunicorn by itself believes any on this machine.
forwarded_allow_ips = ""
limit_request_line = 8190  # bytes, as nginx: all times chosen for a plan stand in an address
accesslog = None  # addresses hold tokens; booking/logs.py writes what may be kept
errorlog = "-"
proc_name = "infusion-booking"

# What is imported stays: looking through it for garbage would be a fifth of the start.
gc.disable()

# Workers count in files that any of them adds up (booking/web/metrics.py): named before the app is imported.
# A reload reads this file again, and goes on with the same.
counters = os.environ.get("PROMETHEUS_MULTIPROC_DIR") or tempfile.mkdtemp(
    prefix="booking-metrics-", dir=worker_tmp_dir
)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = counters

# A password's hash takes 19 MB. Once the first is freed, glibc would take such blocks from each thread's own
# heap, and keep them; with a fixed threshold a large block always goes back to the system.
if hasattr(libc := ctypes.CDLL(None), "mallopt"):
    libc.mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024)


def on_starting(server: Any) -> None:
    """Make what every worker needs while there is one process, and keep the collector from writing to it."""
    app = server.app.wsgi()
    configure_mappers()
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
    gc.collect()
    gc.freeze()


def post_fork(_server: Any, worker: Any) -> None:
    """Collect garbage again, and leave what is open to the database with the first process.

    Two can't talk on one connection.
    """
    gc.enable()
    app = worker.app.wsgi()
    with app.app_context():
        for engine in app.extensions["sqlalchemy"].engines.values():
            engine.dispose(close=False)


def on_exit(_server: Any) -> None:
    """Leave no counters behind."""
    shutil.rmtree(counters, ignore_errors=True)
