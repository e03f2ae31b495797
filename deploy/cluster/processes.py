"""Programs of a cluster as child processes, which end with it, however it ends."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 120.0  # seconds for a program to start or to end
WITH_US = ("setpriv", "--pdeathsig", "TERM")  # the kernel tells a child that its parent is gone


@dataclass
class Processes:
    """What runs, by name; each writes its output to a file of `folder`."""

    folder: Path
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    end_signals: dict[str, int] = field(default_factory=dict)

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        end_signal: int = signal.SIGTERM,
    ) -> None:
        """Start a program under a name; `end_signal` is what lets it end."""
        self.end_signals[name] = end_signal
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [*WITH_US, *command], env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def stop(self, name: str) -> None:
        """Let a program end, and wait for it."""
        process = self.running.pop(name)
        process.send_signal(self.end_signals[name])
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self, name: str) -> None:
        """End a program and its children at once, as if the power went (SIGKILL).

        PostgreSQL doesn't start again while a child of the one before is still there.
        """
        process = self.running.pop(name)
        process.send_signal(signal.SIGSTOP)  # it starts no more of them
        children = _children_of(process.pid)
        process.kill()
        process.wait()
        for child in children:
            _kill_child(child)

    def stop_all(self) -> None:
        """Let all end, the last one first."""
        for name in reversed(list(self.running)):
            self.stop(name)

    def take_ended(self) -> list[str]:
        """Return what has ended by itself since it was last asked, or was killed by somebody."""
        ended = [name for name, process in self.running.items() if process.poll() is not None]
        for name in ended:
            del self.running[name]
        return ended

    def require_running(self) -> None:
        """Raise `RuntimeError`, with the end of its output, where one has ended by itself."""
        for name, process in self.running.items():
            if process.poll() is not None:
                said = (self.folder / f"{name}.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{name} ended with status {process.returncode}: {said}")


def _children_of(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(child) for child in listed.split()]


def _kill_child(process: int) -> None:
    """Kill a process that isn't ours to wait for, and wait until it has ended."""
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(process)
        os.kill(process, signal.SIGKILL)
        select.select([handle], [], [], PATIENCE)
        os.close(handle)


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds; raises `TimeoutError` saying what never came true."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"in {PATIENCE:.0f} seconds it never came true: {what}")
        time.sleep(0.05)
