"""What a cluster on one machine does with its programs."""

import fcntl
from pathlib import Path

from flask import Flask

from deploy.cluster.__main__ import INVITE
from deploy.cluster.processes import Processes
from tests.demo.loopback_builders import until


def is_locked(file: Path) -> bool:
    """Tell whether somebody has locked a file."""
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_what_is_killed_is_gone_with_its_children(tmp_path: Path) -> None:
    processes, kept = Processes(tmp_path), tmp_path / "kept"
    script = f"flock --no-fork {kept} sleep 60 & wait"
    processes.start("parent", ["sh", "-c", script])
    until(lambda: is_locked(kept))
    processes.kill("parent")
    assert not is_locked(kept)


def test_what_has_ended_is_told_once_and_the_rest_goes_on(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    processes.start("stays", ["sleep", "60"])
    processes.start("ends", ["true"])
    processes.running["ends"].wait()
    assert processes.take_ended() == ["ends"]
    assert (processes.take_ended(), list(processes.running)) == ([], ["stays"])
    processes.stop_all()


def test_the_manager_of_a_cluster_is_invited_and_nobody_is_asked(sqlite_app: Flask) -> None:
    invited = sqlite_app.test_cli_runner().invoke(args=list(INVITE))
    assert (invited.exit_code, "/desk/invitation/" in invited.output) == (0, True)
