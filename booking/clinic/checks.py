"""What must fit together across the clinic file's parts; each problem names its place."""

from collections.abc import Iterator, Sequence

from booking.clinic.fields import Weekday
from booking.clinic.holidays import list_holiday_names
from booking.clinic.schema import ClinicFile, LocationPart, StaffPart


def find_problems(found: ClinicFile) -> list[str]:
    """Return every problem between parts that are each right by themselves."""
    return [
        *_duplicate_names(found),
        *_unknown_holidays(found),
        *_unknown_locations(found),
        *_nurses_with_unequal_seats(found),
        *_missing_services(found),
        *_overlapping_closures(found),
    ]


def _missing_services(found: ClinicFile) -> Iterator[str]:
    """The patient's pages book a consultation, a series books infusions."""
    services = {one.slug: one for one in found.services}
    if "consultation" not in services:
        yield "services: expected one with the slug consultation"
    if "infusion" not in services or services["infusion"].infusion is None:
        yield "services: expected one with the slug infusion, and its `infusion` minutes"


def _overlapping_closures(found: ClinicFile) -> Iterator[str]:
    """A closure is known by its name and first day; holidays have names of their own."""
    for place in found.locations:
        names = [f"{one.name} from {one.first}" for one in place.closures]
        for name in _repeated(names):
            yield f"locations.{place.slug}.closures: expected {name} once, found it again"
        for one in place.closures:
            if one.name in found.holidays:
                where = f"locations.{place.slug}.closures"
                yield f"{where}: expected another name than the holiday's, got {one.name}"


def _duplicate_names(found: ClinicFile) -> Iterator[str]:
    for kind, names in (
        ("locations", [one.slug for one in found.locations]),
        ("staff", [one.slug for one in found.staff]),
        ("services", [one.slug for one in found.services]),
        ("templates", [one.slug for one in found.templates]),
        ("screening.questions", [one.slug for one in found.screening.questions]),
        ("staff e-mail", [one.email for one in found.staff]),
    ):
        yield from (f"{kind}: expected {name} once, found it again" for name in _repeated(names))


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _unknown_holidays(found: ClinicFile) -> Iterator[str]:
    known = list_holiday_names(found.state)
    for name in found.holidays:
        if name not in known:
            expected = ", ".join(sorted(known))
            yield f'holidays: expected one of {expected}, got "{name}"'


def _unknown_locations(found: ClinicFile) -> Iterator[str]:
    places = [one.slug for one in found.locations]
    for person in found.staff:
        for slug in person.shifts:
            if slug not in places:
                yield f"staff.{person.slug}.shifts: expected {' or '.join(places)}, got {slug}"


def _nurses_with_unequal_seats(found: ClinicFile) -> Iterator[str]:
    """Setup takes as many seats as any nurse has, so nurses at one location must have as many."""
    for place in found.locations:
        watched = {one.watches for one in found.nurses_of_location(place.slug)}
        if len(watched) > 1:
            each = ", ".join(str(number) for number in sorted(watched))
            yield f"locations.{place.slug}: expected nurses who watch equally many, got {each}"


def count_seats(found: ClinicFile, place: LocationPart) -> int:
    """Return how many seats a location's pool needs: the most its nurses ever watch at once."""
    nurses = found.nurses_of_location(place.slug)
    return max((_watched(nurses, place.slug, day) for day in Weekday), default=0)


def _watched(nurses: Sequence[StaffPart], place: str, day: Weekday) -> int:
    spans = [(span, one.watches) for one in nurses for span in one.shifts[place].get(day, ())]
    begun = [begins for (begins, _), _ in spans]
    return max(
        (sum(n for (begins, ends), n in spans if begins <= moment < ends) for moment in begun),
        default=0,
    )
