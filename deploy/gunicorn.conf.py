"""How gunicorn serves wsgi:app; `gunicorn --config deploy/gunicorn.conf.py wsgi:app`.

The number of workers is gunicorn's own WEB_CONCURRENCY, the address its --bind.
"""

import os
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps files in memory

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
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
accesslog = None  # addresses hold tokens; booking/logs.py writes what may be kept
errorlog = "-"
proc_name = "infusion-booking"
