"""`make cluster`: the service over several hosts on this machine, until Ctrl-C; nothing is left of it."""

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from booking.demo.loopback import DEMO_ACCOUNT
from deploy.cluster.service import ROOT, WEBS, Service

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - nothing of it is kept
PROVIDER = 8025  # where the fake provider of texts and e-mail listens
SETTINGS = {
    "BOOKING_TWILIO_ACCOUNT_SID": DEMO_ACCOUNT.sid,
    "BOOKING_TWILIO_AUTH_TOKEN": DEMO_ACCOUNT.auth_token,
    "BOOKING_TWILIO_FROM": DEMO_ACCOUNT.numbers[0],
    "BOOKING_TWILIO_BASE_URL": f"http://127.0.0.1:{PROVIDER}",
}
INVITE = ("staff", "invite", "manager@example.com", "--name", "Manager")


def main() -> None:
    """Run it until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    signal.signal(signal.SIGTERM, _interrupt)
    with tempfile.TemporaryDirectory(prefix="booking-cluster-", dir=MEMORY) as made:
        folder = Path(made)
        folder.chmod(0o755)  # PostgreSQL runs as another user
        service = Service(folder, port, SETTINGS)
        try:
            run(service)
        except KeyboardInterrupt:
            print("\nEnding …", flush=True)
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)  # a second one must not leave half of it
            service.processes.stop_all()


def run(service: Service) -> None:
    """Start all, say where it is, and wait; the rest goes on where a part is killed."""
    provider = [sys.executable, "-m", "booking.demo", "--port", str(PROVIDER)]
    inbound = ["--webhook", f"{service.url}/hooks/twilio/inbound"]
    service.processes.start("provider", [*provider, *inbound], {"PYTHONPATH": str(ROOT)})
    print(
        "Starting PostgreSQL with a replica, Redis, 2 schedulers, 3 web hosts, nginx …", flush=True
    )
    service.start()
    service.flask("clinic", "load", str(ROOT / "booking/demo/clinic.toml"))
    invitation = service.flask(*INVITE)
    hosts = ", ".join(f"http://{host}:{service.port}" for host in WEBS.values())
    print(f"Patients    {service.url}/\nWeb hosts   {hosts}\nA manager   {invitation.strip()}")
    print(
        f"Output      {service.processes.folder}/*.log\nCtrl-C ends it, and nothing is kept.",
        flush=True,
    )
    while True:
        for name in service.processes.take_ended():
            print(f"{name} has ended; the rest goes on.", flush=True)
        time.sleep(0.5)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
