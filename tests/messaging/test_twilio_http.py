"""The HTTP under Twilio's client: answers of every shape, and what may be sent again."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from booking.messaging.providers.twilio_http import (
    ConnectionFailed,
    KeptAliveHttpClient,
    ResponseLost,
)

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
BODY_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)(?=\r\n).*?\r\n\r\n", re.DOTALL)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"


@contextmanager
def serving(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Answer one connection after the other, each with all of `answers`' next one, then hang up."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for answer in answers:
                connection, _ = server.accept()
                with connection:
                    request = whole_request(connection)
                    connection.sendall(answer)
                heard.append(request)  # once it has hung up

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/texts.json", heard
        thread.join(5)


def whole_request(connection: socket.socket) -> bytes:
    """Read one request to the end of its body, or to where the client hangs up."""
    request = b""
    while more := connection.recv(65_536):
        request += more
        head = BODY_LENGTH.search(request)
        if head and len(request) == head.end() + int(head[1]):
            break
    return request


def answered(answer: bytes) -> tuple[int, str]:
    """Return status and text of what the client makes of an answer."""
    with serving(answer) as (url, _):
        response = KeptAliveHttpClient().request("POST", url, data={"a": "b"})
    return response.status_code, response.text


@pytest.mark.parametrize(
    ("text", "status", "body"),
    [
        (OK, 200, "hi"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, "hi"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        (b"HTTP/1.0 500 Oh\r\n\r\nuntil the end", 500, "until the end"),
        (CHUNKED + b"3\r\nlon\r\n1\r\ng\r\n0\r\nTrailer: yes\r\n\r\n", 200, "long"),
    ],
)
def test_an_answer_is_read_whole(text: bytes, status: int, body: str) -> None:
    assert answered(text) == (status, body)


@pytest.mark.parametrize("length", range(len(OK)))
def test_an_answer_that_breaks_off_is_noticed(length: int) -> None:
    with pytest.raises(ResponseLost):
        answered(OK[:length])


@pytest.mark.parametrize(
    "text",
    [
        CHUNKED + b"3\r\nlong\r\n0\r\n\r\n",
        CHUNKED + b"4\r\nlo",
        CHUNKED + b"-1\r\n",
        CHUNKED + b"many\r\n",
        OK.replace(b"hi", b"\xff\xfe"),
        OK.replace(b"200 OK", b"-20 OK"),
        OK.replace(b": 2", b": -2")[:-2],
        bytes(range(200)),
    ],
)
def test_nonsense_is_no_answer(text: bytes) -> None:
    with pytest.raises(ResponseLost):
        answered(text)


def test_a_request_is_whole_and_signed_in() -> None:
    with serving(OK) as (url, heard):
        client = KeptAliveHttpClient()
        client.request("POST", url, data={"To": "+1 602"}, auth=("me", "secret"))
    assert heard[0].startswith(b"POST /texts.json HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nAuthorization: Basic bWU6c2VjcmV0\r\n" in heard[0]
    assert b"\r\nContent-Length: 11\r\n" in heard[0]
    assert heard[0].endswith(b"\r\n\r\nTo=%2B1+602")


def test_a_connection_that_hung_up_meanwhile_is_replaced() -> None:
    with serving(OK, OK) as (url, heard):
        client = KeptAliveHttpClient()
        assert client.request("GET", url, params={"To": "1"}).text == "hi"
        while not heard:
            time.sleep(0.001)
        assert client.request("GET", url).text == "hi"
    assert heard[0].startswith(b"GET /texts.json?To=1 HTTP/1.1")


def test_nobody_there_means_surely_not_sent() -> None:
    with pytest.raises(ConnectionFailed):
        KeptAliveHttpClient().request("POST", "http://127.0.0.1:9/", data={"a": "b"})


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", OK[:-1], b"HTTP/1.1 200 OK\r\n"])
def test_no_whole_answer_means_that_it_may_have_been_sent(answer: bytes) -> None:
    with serving(answer) as (url, _), pytest.raises(ResponseLost):
        KeptAliveHttpClient().request("POST", url, data={"a": "b"})


def test_no_header_can_be_smuggled_in() -> None:
    with serving(b"", OK) as (url, heard):
        client = KeptAliveHttpClient()
        with pytest.raises(ValueError, match="Invalid header value"):
            client.request("GET", url, headers={"X": "a\r\nY: b"})
        assert client.request("GET", url).text == "hi"
    assert heard[0] == b""


def test_a_post_is_sent_once_whatever_becomes_of_it() -> None:
    with serving(OK, b"", OK) as (url, heard):
        client = KeptAliveHttpClient()
        client.request("POST", url, data={"a": "b"})
        while not heard:
            time.sleep(0.001)
        with pytest.raises(ResponseLost):
            client.request("POST", url, data={"a": "c"})
        assert client.request("POST", url, data={"a": "d"}).text == "hi"
    assert [request[-3:] for request in heard] == [b"a=b", b"a=c", b"a=d"]
