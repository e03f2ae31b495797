"""A Patient that is sent to us: of several names and numbers, those that hold today."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from booking.interchange.fhir.received import Part

# In the order in which they are taken; of another use none is.
NAME_USES = ("official", "usual", None)
CONTACT_USES = ("mobile", "home", None, "temp", "work")
PHONE_SYSTEMS = ("phone", "sms")
UNRANKED = 2**31  # after all that have a rank: 1 is the preferred one


class Period(Part):
    """For how long something holds: until the whole day, month or year that `end` names."""

    end: str = ""

    def is_over(self, today: date) -> bool:
        """Tell whether it ended before today."""
        last = self.end[: len("2026-12-01")]
        return last < today.isoformat()[: len(last)]


class Dated(Part):
    """What a person has had several of over the years."""

    use: str | None = None
    period: Period = Period()


class HumanName(Dated):
    """A person's name."""

    family: str | None = None
    given_names: Annotated[tuple[str, ...], Field(alias="given")] = ()


class ContactPoint(Dated):
    """A phone number or an e-mail address."""

    system: str
    value: str
    rank: Annotated[int, Field(strict=True)] = UNRANKED

    @property
    def is_for_texts(self) -> bool:
        """Tell whether a number is said to take texts."""
        return self.use == "mobile" or self.system == "sms"


class PatientBody(Part):
    """Who it is for."""

    resource_type: Annotated[Literal["Patient"], Field(alias="resourceType")]
    name: tuple[HumanName, ...] = ()
    telecom: tuple[ContactPoint, ...] = ()
    birth_date: Annotated[str | None, Field(alias="birthDate")] = None

    def to_own(self, today: date) -> dict[str, Any]:
        """Return the patient as our own API is told of one; `today` is the clinic's date."""
        name = choose_name(self.name, today)
        values = {
            "given_name": " ".join(name.given_names) or None,
            "family_name": name.family,
            "birth_date": self.birth_date,
            "phone": choose_contact(self.telecom, PHONE_SYSTEMS, today),
            "email": choose_contact(self.telecom, ("email",), today),
        }
        return {key: value for key, value in values.items() if value is not None}


def choose_name(names: Sequence[HumanName], today: date) -> HumanName:
    """Return the name that holds today: the official one, else the usual one, never a former one."""
    names_today = [
        each for each in names if each.use in NAME_USES and not each.period.is_over(today)
    ]
    return min(names_today, key=lambda name: NAME_USES.index(name.use), default=HumanName())


def choose_contact(
    points: Sequence[ContactPoint], systems: Collection[str], today: date
) -> str | None:
    """Return the number or address that holds today: first one that takes texts, never a former one."""
    points_today = [
        point
        for point in points
        if point.system in systems and point.use in CONTACT_USES and not point.period.is_over(today)
    ]
    best = min(points_today, key=_rank_contact, default=None)
    return best.value if best else None


def _rank_contact(point: ContactPoint) -> tuple[bool, int, int]:
    return not point.is_for_texts, CONTACT_USES.index(point.use), point.rank
