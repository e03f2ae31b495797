"""An address that somebody typed leads into the internet and nowhere else."""

import socket
from typing import Any

import pytest
import urllib3.util.connection

from booking.public_addresses import BadAddress, is_public, parse_public_url
from booking.public_http import NotAnswered, post, resolve_public


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "http://example.com/", "ftp://example.com/", "https://", "https:///hook",
        "https://user:secret@example.com/", "https://example.com:99999/", "https://127.0.0.1/",
        "https://[::1]/", "https://10.0.0.8/", "https://169.254.169.254/latest/", "https://[fe80::1]/",
        "https://example.com/ hook", "https://@example.com/", "https://ex\u00e4mple.com/",
        "https://example.com/\r\nHost: other", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/",
        "https://[fec0::1]/", "https://[::127.0.0.1]/", "https://[::ffff:0:127.0.0.1]/", "https://[64:ff9b:1::1]/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_internet_is_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        parse_public_url(url)


def test_one_of_the_internet_is_taken() -> None:
    parts = parse_public_url(" https://hooks.example.com:8443/in?of=clinic#top ")
    assert parts.geturl() == "https://hooks.example.com:8443/in?of=clinic"


@pytest.mark.parametrize(
    "address",
    ["192.168.1.1", "172.16.0.1", "100.64.0.1", "224.0.0.1", "fc00::1", "64:ff9b::a00:1", "2002:a00:1::",
     "::ffff:127.0.0.1", "ff02::1", "::"],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_not_sent_to(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def resolve(*_arguments: object, **_options: object) -> list[Any]:
        """Answer with one address of the internet, and one that is not."""
        return [(0, 0, 0, "", (each, 443)) for each in ("8.8.8.8", address)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(NotAnswered, match="not public"):
        resolve_public("inner.example.com", 443)
    assert not is_public(address)


def test_the_address_that_was_looked_at_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that answers otherwise a moment later changes nothing."""
    answers, reached = iter(["8.8.8.8", "127.0.0.1"]), []

    def resolve(*_arguments: object, **_options: object) -> list[Any]:
        return [(0, 0, 0, "", (next(answers), 443))]

    def connect(address: tuple[str, int], *_arguments: object, **_options: object) -> socket.socket:
        reached.append(address[0])
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(urllib3.util.connection, "create_connection", connect)
    with pytest.raises(NotAnswered, match="not reached"):
        post("https://rebinding.example.com/", b"{}", {})
    assert reached == ["8.8.8.8"]


def test_this_machine_is_sent_to_only_where_that_is_allowed() -> None:
    with pytest.raises(BadAddress):
        post("http://127.0.0.1:9/", b"{}", {})
    with pytest.raises(NotAnswered, match="not public"):
        post("https://localhost:9/", b"{}", {})
