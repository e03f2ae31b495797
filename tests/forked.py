"""Processes that have imported the service already: real ones, forked from one that did only that.

Importing takes seconds of work, more than most of what such a process is started for. How the service
starts from nothing is tried by tests/demo.
"""

import multiprocessing
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.compiled_templates import keep_compiled_templates

forkserver = multiprocessing.get_context("forkserver")
forkserver.set_forkserver_preload(
    ["gunicorn.app.wsgiapp", "gunicorn.workers.gthread", "twilio.rest.api", "tests.preloaded"]
)


def exit_code(process: ForkServerProcess, seconds: float = 30) -> int | None:
    """Wait for a process to end; return its code, -N where signal N ended it, None if it still runs."""
    process.join(seconds)
    return process.exitcode


def run_module(
    name: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path | None = None
) -> None:
    """Be `python -m name` with `arguments`; output goes to the file `log`, or where the tests' does."""
    os.environ.clear()
    os.environ.update(environment)
    if log is not None:
        _write_to(log)
    keep_compiled_templates()
    sys.argv = [name, *arguments]
    runpy.run_module(name, run_name="__main__", alter_sys=True)


def _write_to(log: Path) -> None:
    with log.open("wb") as output:
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
