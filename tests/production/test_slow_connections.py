"""Slow and silent connections keep nobody else waiting, at the web itself and at nginx."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.proxy import HOST, Proxy
from tests.server import Server

IDLE, TRICKLING = 50, 20
BEGINNINGS = {
    "head": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    "body": b"POST /book/safety HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nq=",
}


def trickle(connections: list[socket.socket], over: threading.Event) -> None:
    """Send a byte on each connection every tenth of a second, as long as it is taken."""
    while not over.wait(0.1):
        for connection in connections:
            try:
                connection.send(b"x")
            except OSError:
                continue


@contextmanager
def slow_connections(port: int, beginning: bytes, authority: str | None = None) -> Iterator[None]:
    """Keep silent and trickling connections open while the block runs."""
    over = threading.Event()
    with ExitStack() as stack:

        def connect() -> socket.socket:
            plain = stack.enter_context(socket.create_connection((HOST, port), timeout=60))
            if authority is None:
                return plain
            trusted = ssl.create_default_context(cafile=authority)
            return stack.enter_context(trusted.wrap_socket(plain, server_hostname=HOST))

        trickling = [connect() for _ in range(TRICKLING)]
        for connection in trickling:
            connection.sendall(beginning)
        for _ in range(IDLE):
            stack.enter_context(socket.create_connection((HOST, port), timeout=60))
        sender = threading.Thread(target=trickle, args=(trickling, over))
        sender.start()
        stack.callback(sender.join)
        stack.callback(over.set)
        yield


def quickest(ask: Callable[[], int]) -> float:
    """Return the seconds of the quickest of ten answers, so that a busy machine is no fault."""
    best = float("inf")
    for _ in range(10):
        began = time.monotonic()
        assert ask() == 200
        best = min(best, time.monotonic() - began)
        if best < 1:
            break
    return best


def ask_the_web(port: int) -> int:
    connection = HTTPConnection(HOST, port, timeout=60)
    connection.request("GET", "/healthz")
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("slow", BEGINNINGS)
def test_slow_connections_to_the_web_keep_nobody_waiting(server: Server, slow: str) -> None:
    port = urlsplit(server.url).port or 0
    with slow_connections(port, BEGINNINGS[slow]):
        assert quickest(lambda: ask_the_web(port)) < 1


@pytest.mark.parametrize("slow", BEGINNINGS)
def test_slow_connections_to_nginx_keep_nobody_waiting(proxy: Proxy, slow: str) -> None:
    with slow_connections(proxy.port, BEGINNINGS[slow], str(proxy.authority)):
        assert quickest(lambda: proxy.ask("/healthz").status) < 1
