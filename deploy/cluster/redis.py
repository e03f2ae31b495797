"""A Redis that counts rate limits and keeps nothing on a disk: what it forgets is counted anew."""

import socket
from contextlib import suppress

from deploy.cluster.processes import Processes, wait_until

PROGRAM = "/usr/bin/redis-server"
NAME = "redis"


def start_redis(processes: Processes, host: str, port: int) -> str:
    """Start it and return its address."""
    folder = str(processes.folder)
    forgetful = ("--save", "", "--appendonly", "no", "--dir", folder)
    processes.start(NAME, [PROGRAM, "--bind", host, "--port", str(port), *forgetful])
    wait_until(lambda: listens(host, port), "Redis listens")
    return f"redis://{host}:{port}"


def listens(host: str, port: int) -> bool:
    """Tell whether anything listens at an address."""
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False
