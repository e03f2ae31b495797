"""Keeps tests off the network: only this machine may be spoken to."""

import ipaddress
import sys
from typing import Any

import pytest

HERE = ("localhost", "", None)
_tried: list[str] = []


class LeftTheMachine(AssertionError):
    """A test was about to reach another machine."""


def watch() -> None:
    """Refuse, from now on and in this whole process, to look up or connect to another machine."""
    sys.addaudithook(_check)


def fail_if_tried() -> None:
    """Fail the test that tried, even where the code under test swallowed the refusal."""
    tried = _tried.copy()
    _tried.clear()
    if tried:
        pytest.fail(f"reached for another machine: {', '.join(tried)}")


def _check(event: str, arguments: tuple[Any, ...]) -> None:
    if not event.startswith("socket."):
        return  # each id() is an event, too
    if event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        _refuse_unless_here(arguments[1][0])
    elif event == "socket.getaddrinfo":
        _refuse_unless_here(arguments[0])


def _refuse_unless_here(host: Any) -> None:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not _is_here(host):
        _tried.append(str(host))
        raise LeftTheMachine(f"a test reached for {host}")


def _is_here(host: Any) -> bool:
    if host in HERE:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
