"""How gunicorn serves wsgi:app; `gunicorn --config deploy/gunicorn.conf.py wsgi:app`.

The number of workers is gunicorn's own WEB_CONCURRENCY, the address its --bind.
"""

import os
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps files in memory

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "sync"
timeout = 30  # seconds; no request of ours takes more than a few
graceful_timeout = 10
# A worker proves that it is alive through a file, which must not wait for a disk.
worker_tmp_dir = str(MEMORY) if MEMORY.is_dir() else None
# Nobody talks to it, and two services of one user would meet at its default path.
control_socket_disable = True
accesslog = None  # addresses hold tokens; booking/logs.py writes what may be kept
errorlog = "-"
proc_name = "infusion-booking"
