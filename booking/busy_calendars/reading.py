"""Reading busy times out of a file, in a program of its own (`expanding`) that ends at limits."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from booking.busy_calendars import expanding
from booking.busy_calendars.expanding import Span
from booking.busy_calendars.fetching import NotRead
from booking.busy_calendars.rules import ReadFailure

PROGRAM = Path(expanding.__file__)
COMPUTING_SECONDS = 10
OWN_UIDS = "@visits"  # the end of our own appointments' UIDs: a feed of ours, subscribed to there


def parse_busy_times(
    body: bytes, zone: ZoneInfo, period: Span, seconds: int = COMPUTING_SECONDS
) -> list[Span]:
    """Return when a calendar file is busy within `period` (UTC), in order and apart. Raises `NotRead`.

    `zone` is that of times that name none. The program knows neither our settings nor our modules.
    """
    arguments = (zone.key, *(at.isoformat() for at in period), str(seconds), OWN_UIDS)
    try:
        process = subprocess.run(  # noqa: S603 - our own
            [sys.executable, "-I", str(PROGRAM), *arguments],
            input=body,
            capture_output=True,
            timeout=3 * seconds,  # where the machine is busy with others
            env={},
            check=True,
        )
    except subprocess.SubprocessError as error:
        raise NotRead(ReadFailure.TOO_MUCH) from error
    answer = json.loads(process.stdout)
    if refusal := answer.get("refusal"):
        raise NotRead(ReadFailure(refusal))
    return [
        (datetime.fromisoformat(begins), datetime.fromisoformat(ends))
        for begins, ends in answer["busy"]
    ]
