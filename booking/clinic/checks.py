"""What must fit together across the clinic file's parts; each problem names its place."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from booking.clinic.holidays import list_holiday_names
from booking.clinic.parts import LocationPart, StaffPart
from booking.clinic.schema import ClinicFile
from booking.dates import LATEST

WEEK = timedelta(days=7)


def list_problems(clinic: ClinicFile) -> list[str]:
    """Return every problem between parts that are each right by themselves."""
    return [
        *_duplicate_names(clinic),
        *_unknown_holidays(clinic),
        *_unknown_locations(clinic),
        *_nurses_with_unequal_seats(clinic),
        *_missing_services(clinic),
        *_overlapping_closures(clinic),
        *_repeated_reminders(clinic),
    ]


def _missing_services(clinic: ClinicFile) -> Iterator[str]:
    """The patient's pages book a consultation, a series books infusions."""
    services = {service.slug: service for service in clinic.services}
    if "consultation" not in services:
        yield "services: expected one with the slug consultation"
    if "infusion" not in services or services["infusion"].infusion is None:
        yield "services: expected one with the slug infusion, and its `infusion` minutes"


def _overlapping_closures(clinic: ClinicFile) -> Iterator[str]:
    """A closure is known by its name and first day; holidays have names of their own."""
    for location in clinic.locations:
        names = [f"{closure.name} from {closure.first}" for closure in location.closures]
        for name in _repeated(names):
            yield f"locations.{location.slug}.closures: expected {name} once, found it again"
        for closure in location.closures:
            if closure.name in clinic.holidays:
                path = f"locations.{location.slug}.closures"
                yield f"{path}: expected another name than the holiday's, got {closure.name}"


def _repeated_reminders(clinic: ClinicFile) -> Iterator[str]:
    """One appointment is owed one message of a kind on a channel: of two rules one would be lost."""
    pairs = [(rule.kind, rule.channel) for rule in clinic.reminders]
    for number, (kind, channel) in enumerate(pairs):
        if (kind, channel) in pairs[:number]:
            yield f"reminders.{number}: expected {kind} by {channel} once, found it again"


def _duplicate_names(clinic: ClinicFile) -> Iterator[str]:
    for kind, names in (
        ("locations", [location.slug for location in clinic.locations]),
        ("staff", [member.slug for member in clinic.staff]),
        ("services", [service.slug for service in clinic.services]),
        ("templates", [field.slug for field in clinic.templates]),
        ("screening.questions", [question.slug for question in clinic.screening.questions]),
        ("staff e-mail", [member.email for member in clinic.staff]),
    ):
        yield from (f"{kind}: expected {name} once, found it again" for name in _repeated(names))


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _unknown_holidays(clinic: ClinicFile) -> Iterator[str]:
    known_names = list_holiday_names(clinic.state)
    for name in clinic.holidays:
        if name not in known_names:
            expected = ", ".join(sorted(known_names))
            yield f'holidays: expected one of {expected}, got "{name}"'


def _unknown_locations(clinic: ClinicFile) -> Iterator[str]:
    slugs = [location.slug for location in clinic.locations]
    for person in clinic.staff:
        for slug in sorted(person.location_slugs):
            if slug not in slugs:
                yield f"staff.{person.slug}.shifts: expected {' or '.join(slugs)}, got {slug}"


def _nurses_with_unequal_seats(clinic: ClinicFile) -> Iterator[str]:
    """Setup takes as many seats as any nurse has, so nurses at one location must have as many."""
    for location in clinic.locations:
        seat_counts = {member.watches for member in clinic.nurses_of_location(location.slug)}
        if len(seat_counts) > 1:
            each = ", ".join(str(number) for number in sorted(seat_counts))
            yield f"locations.{location.slug}: expected nurses who watch equally many, got {each}"


def count_seats(clinic: ClinicFile, location: LocationPart) -> int:
    """Return how many seats a location's pool needs: the most its nurses ever watch at once."""
    nurses = clinic.nurses_of_location(location.slug)
    days = _days_to_count(nurses)
    return max((_watched(nurses, location.slug, day) for day in days), default=0)


def _days_to_count(nurses: Sequence[StaffPart]) -> set[date]:
    """Return a week before and after each announced change of shifts, and the days with extra ones."""
    changes = [member.shifts_from for member in nurses if member.shifts_from]
    weeks = [min(changes, default=LATEST - WEEK) - WEEK, *changes]
    extra_days = {extra.day for member in nurses for extra in member.extra_shifts}
    return {first + timedelta(days=number) for first in weeks for number in range(7)} | extra_days


def _watched(nurses: Sequence[StaffPart], location_slug: str, day: date) -> int:
    spans = [
        (span, member.watches)
        for member in nurses
        for slug, span in member.spans_of(day)
        if slug == location_slug
    ]
    starts = [begins for (begins, _), _ in spans]
    return max(
        (sum(n for (begins, ends), n in spans if begins <= moment < ends) for moment in starts),
        default=0,
    )
