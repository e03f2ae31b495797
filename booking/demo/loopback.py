"""A loopback provider: Twilio's REST API, and a mailbox beside it, on this machine only.

It keeps what it is sent, reports on it with signed callbacks, takes inbound texts, obeys STOP and
START, and makes trouble when told to:
`python -m booking.demo --port 8025 --file texts.db`.
"""

import socket
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from booking.demo.loopback_api import Account
from booking.demo.loopback_callbacks import Behaviour, Carrier
from booking.demo.loopback_control import Provider
from booking.demo.loopback_faults import Faults
from booking.demo.loopback_http import Handler
from booking.demo.loopback_store import Store
from booking.demo.ports import bind_port, url_of

HOST = "127.0.0.1"
POLL = 0.02  # seconds until a stop is noticed
DEMO_ACCOUNT = Account("AC" + "de30" * 8, "loopback-auth-token", ("+16025550100",))
WEBHOOK = "http://127.0.0.1:8000/hooks/twilio/inbound"


class Loopback:
    """The provider as a server. Use it as a context manager; without a bound socket it takes a free port."""

    def __init__(
        self,
        listener: socket.socket | None = None,
        account: Account = DEMO_ACCOUNT,
        file: Path | None = None,
        webhook: str = WEBHOOK,
        behaviour: Behaviour | None = None,
    ) -> None:
        store = Store(file)
        carrier = Carrier(account, store)
        carrier.behaviour = behaviour or Behaviour()
        self.provider = Provider(account, store, Faults(), carrier, webhook, threading.Event())
        handler = type("BoundHandler", (Handler,), {"provider": self.provider})
        self._server = Server(listener or bind_port(HOST, 0), handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL,), daemon=True
        )

    @property
    def url(self) -> str:
        """The address to give to Twilio's client as its base."""
        return url_of(self._server.socket)

    def start(self) -> None:
        """Answer from now on."""
        self.provider.carrier.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop answering, let go of port and file."""
        self.provider.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self.provider.carrier.stop()
        self.provider.store.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class Server(ThreadingHTTPServer):
    """A thread a connection; connections left open don't hold up the end."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, listener: socket.socket, handler: type[Handler]) -> None:
        super().__init__(listener.getsockname(), handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.server_activate()
