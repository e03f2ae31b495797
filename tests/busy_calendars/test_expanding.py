"""When a calendar file says busy, by RFC 5545; and files that nobody should write: read, or refused."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from booking.busy_calendars.expanding import build_output, list_busy_spans
from booking.busy_calendars.fetching import NotRead
from booking.busy_calendars.reading import OWN_UIDS, parse_busy_times
from booking.busy_calendars.rules import ReadFailure
from tests.builders import NOW, PHOENIX
from tests.busy_calendars.files import PERIOD, a_file, an_event, local_spans

CALENDARS = Path(__file__).parent / "calendars"
FIJI = """BEGIN:VTIMEZONE
TZID:Island time
BEGIN:STANDARD
DTSTART:20200101T000000
TZOFFSETFROM:+1200
TZOFFSETTO:+1200
END:STANDARD
END:VTIMEZONE"""
TEN, ELEVEN = "01T1000", "01T1100"
DAILY = an_event(TEN, ELEVEN, RRULE="FREQ=DAILY;COUNT=4")


def busy(*events: dict[str, str], zones: str = "") -> list[str]:
    return local_spans(list_busy_spans(a_file(*events, zones=zones), PHOENIX, PERIOD, OWN_UIDS))


@pytest.mark.parametrize(
    ("event", "spans"),
    [
        (an_event(TEN, ELEVEN), ["01T1000-01T1100"]),
        (an_event(TEN, ELEVEN, TRANSP="TRANSPARENT"), []),
        (an_event(TEN, ELEVEN, STATUS="CANCELLED"), []),
        (an_event(TEN, ELEVEN, STATUS="TENTATIVE"), ["01T1000-01T1100"]),
        (an_event(TEN, ELEVEN, **{"X-MICROSOFT-CDO-BUSYSTATUS": "FREE"}), []),
        (an_event(TEN, ELEVEN, UID="our-own@visits"), []),
        (an_event(TEN, TEN), []),
        ({"DTSTART": "20261201T170000Z", "DURATION": "PT90M"}, ["01T1000-01T1130"]),
        ({"DTSTART": "20261201T100000", "DTEND": "20261201T103000"}, ["01T1000-01T1030"]),
        ({"DTSTART;VALUE=DATE": "20261203"}, ["03T0000-04T0000"]),
        (
            {"DTSTART;VALUE=DATE": "20261203", "DTEND;VALUE=DATE": "20261206"},
            ["03T0000-06T0000"],
        ),
        (DAILY | {"EXDATE;TZID=America/Phoenix": "20261202T100000"},
         ["01T1000-01T1100", "03T1000-03T1100", "04T1000-04T1100"]),
        (an_event(TEN, ELEVEN) | {"RDATE;TZID=America/Phoenix": "20261209T150000"},
         ["01T1000-01T1100", "09T1500-09T1600"]),
        (an_event(TEN, ELEVEN, RRULE="FREQ=WEEKLY;BYDAY=TU"), ["01T1000-01T1100", "08T1000-08T1100"]),
        ({"DTSTART": "20261101T000000Z", "DTEND": "20270301T000000Z"}, ["30T0800-14T0800"]),
        ({"SUMMARY": "Some day"}, []),
    ],
)  # fmt: skip
def test_busy_is_what_takes_time(event: dict[str, str], spans: list[str]) -> None:
    assert busy(event) == spans


def test_one_of_a_series_may_be_elsewhere_or_gone() -> None:
    moved = an_event(
        "02T1500", "02T1600", **{"RECURRENCE-ID;TZID=America/Phoenix": "20261202T100000"}
    )
    gone = an_event(
        "03T1000", "03T1100",
        **{"RECURRENCE-ID;TZID=America/Phoenix": "20261203T100000", "STATUS": "CANCELLED"},
    )  # fmt: skip
    spans = ["01T1000-01T1100", "02T1500-02T1600", "04T1000-04T1100"]
    assert busy(DAILY, moved, gone) == spans


def test_a_zone_that_the_file_defines_itself_is_believed() -> None:
    event = {"DTSTART;TZID=Island time": "20261202T050000", "DURATION": "PT1H"}
    assert busy(event, zones=FIJI) == ["01T1000-01T1100"]


def test_the_clock_changes_where_the_zone_says() -> None:
    event = {"DTSTART;TZID=America/New_York": "20261030T120000", "DURATION": "PT1H",
             "RRULE": "FREQ=DAILY;COUNT=3"}  # fmt: skip
    period = (NOW - timedelta(days=40), NOW)
    spans = list_busy_spans(a_file(event), PHOENIX, period, OWN_UIDS)
    assert [begins.hour for begins, _ in spans] == [16, 16, 17]


def test_what_touches_is_one_time() -> None:
    assert busy(
        an_event(TEN, "01T1030", UID="1"),
        an_event("01T1030", ELEVEN, UID="2"),
        an_event("01T1015", "01T1045", UID="3"),
    ) == ["01T1000-01T1100"]


def test_a_calendar_of_free_and_busy_alone_is_read() -> None:
    periods = ("FREEBUSY:20261201T170000Z/PT1H", "FREEBUSY;FBTYPE=FREE:20261201T200000Z/PT1H")
    body = "\n".join(("BEGIN:VFREEBUSY", *periods, "END:VFREEBUSY"))
    assert busy(zones=body) == ["01T1000-01T1100"]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_of_another_projects_116_calendars_each_is_read_or_refused() -> None:
    """In the reader's own words: none of them ends it."""
    files = sorted(CALENDARS.glob("*.ics"))
    arguments = ["America/Phoenix", *(at.isoformat() for at in PERIOD), "1", OWN_UIDS]
    answers = [build_output(path.read_bytes(), arguments) for path in files]
    read = [each for each in answers if "busy" in each]
    refused = [each for each in answers if each == {"refusal": "no_calendar"}]
    assert (len(files), len(read), len(refused)) == (116, 108, 8)


HOSTILE = {
    "each second": a_file(an_event(TEN, ELEVEN, RRULE="FREQ=SECONDLY")),
    "each second, from long ago": a_file(
        {"DTSTART": "00010101T000000Z", "DURATION": "PT1S", "RRULE": "FREQ=SECONDLY;INTERVAL=2"}
    ),
    "a day that never comes": a_file(
        an_event(TEN, ELEVEN, RRULE="FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    ),
    "thousands that don't touch": a_file(
        {"DTSTART": "20261201T000000Z", "DURATION": "PT1S", "RRULE": "FREQ=MINUTELY"}
    ),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_file_that_asks_for_too_much_is_refused_in_time(body: bytes) -> None:
    with pytest.raises(NotRead) as refusal:
        parse_busy_times(body, PHOENIX, PERIOD, seconds=1)
    assert refusal.value.reason is ReadFailure.TOO_MUCH


@pytest.mark.parametrize(
    "body",
    [
        b"BEGIN:VCALENDAR\r\n" * 20_000 + b"END:VCALENDAR\r\n" * 20_000,
        b"BEGIN:VCALENDAR\r\nX" + b":;\"" * 100_000 + b"\r\nEND:VCALENDAR",
        b"BEGIN:VCALENDAR\r\n\xff\xfe\x00\r\nEND:VCALENDAR",
        a_file({"DTSTART": "99991231T235959Z", "DTEND": "99991231T235959Z"}),
        a_file({"DTSTART;TZID=../../etc/passwd": "20261201T100000", "DURATION": "PT1H"}),
        a_file(an_event(TEN, ELEVEN, RRULE="FREQ=DAILY;INTERVAL=0")),
        b"",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_read_or_refused(body: bytes) -> None:
    with suppress(NotRead):
        parse_busy_times(body, PHOENIX, PERIOD, seconds=1)


def test_the_reader_has_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is a program: what it says here is what it says to the scheduler."""
    monkeypatch.setenv("BOOKING_SECRET_KEY", "never leaves")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    body = a_file(an_event(TEN, ELEVEN))
    assert local_spans(parse_busy_times(body, ZoneInfo("America/Phoenix"), PERIOD)) == [
        "01T1000-01T1100"
    ]
