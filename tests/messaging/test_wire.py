"""The HTTP under Twilio's client: answers of every shape, and what may be sent again."""

import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.messaging.twilio_http import KeptAliveHttpClient, NoAnswer, NotReached
from booking.messaging.wire import Answer, MalformedAnswer, read_answer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"


def read(text: bytes) -> Answer:
    """Read one answer from bytes."""
    return read_answer(io.BytesIO(text))


@pytest.mark.parametrize(
    ("text", "status", "body"),
    [
        (OK, 200, b"hi"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"hi"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.0 500 Oh\r\n\r\nuntil the end", 500, b"until the end"),
    ],
)
def test_an_answer_is_read_whole(text: bytes, status: int, body: bytes) -> None:
    assert (read(text).status, read(text).body) == (status, body)


def test_a_chunk_of_another_length_than_it_says_is_refused() -> None:
    with pytest.raises(MalformedAnswer):
        read(CHUNKED + b"3\r\nlong\r\n0\r\n\r\n")


@given(st.lists(st.binary(min_size=1, max_size=50)))
def test_chunks_are_put_together(chunks: list[bytes]) -> None:
    coded = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    assert read(CHUNKED + coded + b"0\r\nTrailer: yes\r\n\r\n").body == b"".join(chunks)


@given(st.binary(max_size=200))
def test_nonsense_is_refused_or_read_but_breaks_nothing(text: bytes) -> None:
    for start in (b"", b"HTTP/1.1 200 OK\r\n", CHUNKED):
        try:
            read(start + text)
        except MalformedAnswer:
            continue


@pytest.mark.parametrize("length", range(len(OK)))
def test_an_answer_that_breaks_off_is_noticed(length: int) -> None:
    with pytest.raises(MalformedAnswer):
        read(OK[:length])


@contextmanager
def serving(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Answer one connection after the other, each with all of `answers`' next one, then hang up."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for answer in answers:
                connection, _ = server.accept()
                with connection:
                    request = connection.recv(65_536)
                    connection.sendall(answer)
                heard.append(request)  # once it has hung up

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/texts.json", heard
        thread.join(5)


def test_a_request_is_whole_and_signed_in() -> None:
    with serving(OK) as (url, heard):
        client = KeptAliveHttpClient()
        client.request("POST", url, data={"To": "+1 602"}, auth=("me", "secret"))
    assert heard[0].startswith(b"POST /texts.json HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"Authorization: Basic bWU6c2VjcmV0\r\n" in heard[0]
    assert heard[0].endswith(b"\r\nContent-Length: 11\r\n\r\nTo=%2B1+602")


def test_a_connection_that_hung_up_meanwhile_is_replaced() -> None:
    with serving(OK, OK) as (url, heard):
        client = KeptAliveHttpClient()
        assert client.request("GET", url, params={"To": "1"}).text == "hi"
        while not heard:
            time.sleep(0.001)
        assert client.request("GET", url).text == "hi"
    assert heard[0].startswith(b"GET /texts.json?To=1 HTTP/1.1")


def test_nobody_there_means_surely_not_sent() -> None:
    with pytest.raises(NotReached):
        KeptAliveHttpClient().request("POST", "http://127.0.0.1:9/", data={"a": "b"})


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", OK[:-1], b"HTTP/1.1 200 OK\r\n"])
def test_no_whole_answer_means_that_it_may_have_been_sent(answer: bytes) -> None:
    with serving(answer) as (url, _), pytest.raises(NoAnswer):
        KeptAliveHttpClient().request("POST", url, data={"a": "b"})


def test_no_header_can_be_smuggled_in() -> None:
    with serving(OK) as (url, _):
        client = KeptAliveHttpClient()
        with pytest.raises(ValueError, match="line break"):
            client.request("GET", url, headers={"X": "a\r\nY: b"})
        client.request("GET", url)
