"""What one text says of several visits of a day, at one place or two, word for word."""

from dataclasses import replace

import pytest

from booking.messaging.rules import Channel
from booking.messaging.segments import measure_text
from booking.reminders.rules import MessageKind
from booking.reminders.texts import ListedAppointment, MessageContext
from tests.builders import local
from tests.reminders.test_texts import ABOUT, LINK, list_text, on_the_day, reviewed

AHWATUKEE, SCOTTSDALE = "Ahwatukee Clinic", "Scottsdale Clinic"
TIMES = (local(10), local(11, 30), local(15))
LISTED = tuple(ListedAppointment(time, AHWATUKEE, LINK) for time in TIMES)
PLACES = tuple(
    replace(listed, clinic=clinic)
    for listed, clinic in zip(LISTED, (AHWATUKEE, SCOTTSDALE, AHWATUKEE), strict=True)
)


@pytest.fixture
def about(language: str) -> MessageContext:
    return replace(ABOUT, language=language)


def test_without_room_for_both_places_the_question_names_the_infusion(
    about: MessageContext,
) -> None:
    context = replace(
        about,
        appointments=PLACES[:2],
        starts_at=PLACES[1].starts_at,
        clinic=SCOTTSDALE,
        asks_readiness=True,
        link=f"https://{'citas.' * 3}example.com/a/0123456789abcdefABCDEF",
    )
    body = list_text(MessageKind.DAY_BEFORE, Channel.SMS, context).body
    assert context.link in body
    assert "11:30" in body
    assert SCOTTSDALE in body
    assert "10:00" not in body
    assert measure_text(body).segments == 1


@pytest.mark.parametrize(
    "kind", [MessageKind.DAYS_BEFORE, MessageKind.DAY_BEFORE, MessageKind.HOURS_BEFORE]
)
def test_a_reminder_of_several_appointments_of_one_day_reads_as_reviewed(
    about: MessageContext, kind: MessageKind
) -> None:
    for name, changed in (
        ("day", {"appointments": LISTED[:2]}),
        ("day.3", {"appointments": LISTED}),
        ("day.shared", {"appointments": LISTED[:2], "recipient_name": "M.S."}),
        ("day.ready", {"appointments": LISTED[:2], "asks_readiness": True}),
        ("day.places", {"appointments": PLACES[:2]}),
        ("day.3_places", {"appointments": PLACES}),
        ("day.places.shared", {"appointments": PLACES[:2], "recipient_name": "M.S."}),
        ("day.places.ready", {"appointments": PLACES[:2], "asks_readiness": True}),
    ):
        context = replace(on_the_day(kind, about), **changed)
        body = list_text(kind, Channel.SMS, context).body
        assert measure_text(body).segments == 1
        reviewed(f"{name}.{kind}.sms.txt", body)
