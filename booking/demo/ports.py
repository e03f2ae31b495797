"""Ports that are kept from the moment they are chosen."""

import socket


class PortTaken(RuntimeError):
    """Somebody else listens at the demo's address."""


def bind_port(host: str, port: int) -> socket.socket:
    """Return a socket that keeps a port until a child listens on it; 0 takes a free one.

    A port that is only known to be free may be a connection's own a moment later. Raises `PortTaken`.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(f"{host}:{port} can't be listened at: {error.strerror}") from error
    return listener


def url_of(listener: socket.socket, name: str = "") -> str:
    """Return the address at which a bound socket is reached, by its host's name where that is given."""
    number, port = listener.getsockname()
    return f"http://{name or number}:{port}"
