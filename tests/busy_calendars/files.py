"""Calendar files as practitioners' own calendars are, and the week they are read for."""

from datetime import UTC, datetime, timedelta

from tests.builders import NOW, PHOENIX

PERIOD = (NOW, NOW + timedelta(days=14))
EVENT = {"UID": "1@elsewhere", "DTSTAMP": "20261101T000000Z"}


def a_file(*events: dict[str, str], zones: str = "") -> bytes:
    """Return a calendar file of events, each by its lines; a name may carry parameters."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Elsewhere//EN", *zones.split("\n")]
    for event in events:
        own = [f"{name}:{value}" for name, value in (EVENT | event).items()]
        lines += ["BEGIN:VEVENT", *own, "END:VEVENT"]
    return "\r\n".join([*filter(None, lines), "END:VCALENDAR", ""]).encode()


def an_event(begins: str, ends: str, **more: str) -> dict[str, str]:
    """Return an event between two times of December 2026 in Phoenix, as in 01T1000."""
    zone = "TZID=America/Phoenix"
    return {
        f"DTSTART;{zone}": f"202612{begins}00",
        f"DTEND;{zone}": f"202612{ends}00",
        "SUMMARY": "Dentist, do not tell",
    } | more


def local_spans(spans: list[tuple[datetime, datetime]]) -> list[str]:
    """Return spans as the clock in Phoenix shows them, as in 01T1000-01T1100."""
    clock = "%dT%H%M"
    return [
        f"{begins.astimezone(PHOENIX):{clock}}-{ends.astimezone(PHOENIX):{clock}}"
        for begins, ends in spans
    ]


def utc(*parts: int) -> datetime:
    """Return an instant."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]  # whole numbers
