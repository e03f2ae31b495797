"""What others publish and we keep is as they published it."""

import gzip
from hashlib import sha256

from tests.demo.test_loopback_description import PUBLISHED
from tests.ical_js import LIBRARY
from tests.promises.source import BOOKING
from tests.second_engine import ENGINE


def test_the_second_engine_is_what_was_published() -> None:
    """accessibility-checker-engine 4.0.34's ace.js."""
    published = "1fd7c18b2aa5ba3ec0444a275e2e08e2823c317316c6613d1c273d2a688760fa"
    assert sha256(gzip.decompress(ENGINE.read_bytes())).hexdigest() == published


def test_the_third_reader_of_calendar_files_is_what_was_published() -> None:
    """ical.js 2.2.1's dist/ical.es5.min.cjs (MPL-2.0)."""
    published = "74b6aa16936daa102ca216a29c8c25b53468762dd793bd9b106074aaa7961c65"
    assert sha256(gzip.decompress(LIBRARY.read_bytes())).hexdigest() == published


def test_the_calendars_library_is_what_was_published() -> None:
    """@event-calendar/build 5.10.1's script and style sheet."""
    published = {
        "event-calendar.min.js": "dd9806e839c10232b8f740ef59899c853b4ca2653719f858206c16c76c2a80f6",
        "event-calendar.min.css": "14abac982c42d2cdd42721fedc4a95d4f9e2f4d03e78bd4b167c2e803f870c73",
    }
    folder = BOOKING / "static" / "vendor" / "event-calendar"
    assert {
        name: sha256((folder / name).read_bytes()).hexdigest() for name in published
    } == published


def test_the_description_of_the_providers_api_is_what_was_published() -> None:
    """twilio-oai 2.6.7's spec/json/twilio_api_v2010.json (MIT)."""
    published = "99cae87a6bb1725f71363364cbd30282a13140374b2d5f9bdd5bdfa5d4c8a6d7"
    assert sha256(gzip.decompress(PUBLISHED.read_bytes())).hexdigest() == published
