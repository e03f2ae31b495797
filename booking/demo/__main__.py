"""Runs the loopback provider: `python -m booking.demo --port 8025 --file texts.db`."""

import argparse
import signal
import socket
import sys
from pathlib import Path

from booking.demo.loopback import DEMO_ACCOUNT, HOST, WEBHOOK, Loopback
from booking.demo.loopback_api import Account
from booking.demo.loopback_callbacks import Behaviour
from booking.demo.ports import bind_port

PORT = 8025


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A loopback text and mail provider")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument(
        "--fd", type=int, help="listen at this bound socket of the caller's instead"
    )
    parser.add_argument("--file", type=Path, help="SQLite file to keep everything in")
    parser.add_argument("--webhook", default=WEBHOOK, help="where inbound texts are reported")
    parser.add_argument("--account-sid", default=DEMO_ACCOUNT.sid)
    parser.add_argument("--auth-token", default=DEMO_ACCOUNT.auth_token)
    parser.add_argument("--number", default=DEMO_ACCOUNT.numbers[0], help="our own number")
    parser.add_argument("--silent", action="store_true", help="make no status callbacks")
    arguments = parser.parse_args()
    account = Account(arguments.account_sid, arguments.auth_token, (arguments.number,))
    behaviour = Behaviour(seconds=1, enabled=not arguments.silent)
    stop_signals = {signal.SIGINT, signal.SIGTERM}
    # Waited for below; nothing is interrupted
    signal.pthread_sigmask(signal.SIG_BLOCK, stop_signals)
    listener = (
        bind_port(HOST, arguments.port)
        if arguments.fd is None
        else socket.socket(fileno=arguments.fd)
    )
    with Loopback(listener, account, arguments.file, arguments.webhook, behaviour) as server:
        sys.stdout.write(f"loopback provider at {server.url}\n")
        sys.stdout.flush()
        signal.sigwait(stop_signals)


if __name__ == "__main__":
    main()
