"""Clinic files that each make some appointments impossible: what it says, whom it hurts, and why."""

from collections.abc import Callable

from booking.calendars.misfits import MisfitReason
from tests.clinic.appointments import closed, without_scottsdale
from tests.clinic.files import DEMO, changed, without_table

AT_AHWATUKEE = {"consultation", "infusion", "follow_up"}
WEDNESDAY = 'wednesday = "08:00-17:30"'
NURSES = without_table("[[staff]]\n", 'slug = "iris-cole"')
CHANGES: dict[str, tuple[Callable[[], str], set[str], MisfitReason]] = {
    "closure": (closed, AT_AHWATUKEE, MisfitReason.CLOSED),
    "shorter hours": (
        lambda: changed((WEDNESDAY, 'wednesday = "10:00-17:30"')),
        {"consultation"},
        MisfitReason.OUTSIDE_HOURS,
    ),
    "hours dated from later": (
        lambda: changed(
            ("valid_from = 2026-01-01", "valid_from = 2026-12-14"),
            (WEDNESDAY, 'wednesday = "closed"'),
        ),
        AT_AHWATUKEE,
        MisfitReason.OUTSIDE_HOURS,
    ),
    "rooms": (
        lambda: changed(('["Room 1", "Room 2"]', "[]")),
        {"consultation", "follow_up"},
        MisfitReason.RESOURCE_GONE,
    ),
    "chairs": (
        lambda: changed(('["Chair 1", "Chair 2", "Chair 3", "Chair 4"]', "[]")),
        {"infusion"},
        MisfitReason.RESOURCE_GONE,
    ),
    "practitioner": (
        lambda: without_table("[[staff]]\n", 'slug = "ana-reyes"'),
        {"consultation", "follow_up"},
        MisfitReason.RESOURCE_GONE,
    ),
    "practitioner's shift": (
        lambda: _wednesday_of("ana-reyes", "12:00-17:30"),
        {"consultation"},
        MisfitReason.PRACTITIONER_AWAY,
    ),
    "prescribers": (
        lambda: _wednesday_of(
            "tom-becker", "13:00-17:30", _wednesday_of("ana-reyes", "08:00-12:00")
        ),
        {"infusion", "follow_up"},
        MisfitReason.NO_PRESCRIBER,
    ),
    "nurses": (
        lambda: without_table("[[staff]]\n", 'slug = "ben-ortiz"', NURSES),
        {"infusion"},
        MisfitReason.TOO_FEW_NURSES,
    ),
    "service": (
        lambda: without_table("[[services]]\n", 'slug = "follow-up"'),
        {"follow_up"},
        MisfitReason.SERVICE_GONE,
    ),
    "location": (without_scottsdale, {"elsewhere"}, MisfitReason.LOCATION_GONE),
    "time zone": (
        lambda: changed(('time_zone = "America/Phoenix"', 'time_zone = "America/New_York"')),
        AT_AHWATUKEE,
        MisfitReason.OTHER_LOCAL_TIME,
    ),
    "duration": (
        lambda: changed(("minutes = 45\nnotice", "minutes = 50\nnotice")),
        {"consultation", "elsewhere"},
        MisfitReason.TAKES_LONGER,
    ),
    "needs": (
        lambda: changed(('kind = "room", minutes = 55', 'kind = "room", minutes = 70')),
        {"consultation", "elsewhere"},
        MisfitReason.TAKES_LONGER,
    ),
}


def _wednesday_of(slug: str, hours: str, text: str = DEMO) -> str:
    start = text.index(f'slug = "{slug}"')
    return text[:start] + changed((WEDNESDAY, f'wednesday = "{hours}"'), text=text[start:])
