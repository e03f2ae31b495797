"""A schedule template, to be personalised for a patient."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from booking.series.rules import InvalidSchedule, Phase, parse_phases, require_mapping

MAX_TALK_THERAPY_WEEKS = 52


@dataclass(frozen=True, slots=True)
class Template:
    """A schedule template: one version, approved by someone, to be personalised for a patient.

    With `talk_therapy_weeks` somebody asks about talk therapy alongside: so many weeks after the first
    session, and at each review.
    """

    slug: str
    names: Mapping[str, str]
    version: int
    approved_by: str
    phases: tuple[Phase, ...]
    talk_therapy_weeks: int | None = None

    def __post_init__(self) -> None:
        weeks = self.talk_therapy_weeks
        if weeks is not None and not (type(weeks) is int and 0 <= weeks <= MAX_TALK_THERAPY_WEEKS):
            limit = f"from 0 to {MAX_TALK_THERAPY_WEEKS}"
            raise InvalidSchedule(f"talk_therapy_weeks: expected a whole number {limit}, or none")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Template":
        """Read a template from plain data; raises `InvalidSchedule`."""
        data = require_mapping(data)
        try:
            names = data["names"]
            if not isinstance(names, Mapping) or not names.get("en"):
                raise InvalidSchedule('names: expected a text for "en"')
            if type(data["version"]) is not int:
                raise InvalidSchedule("version: expected a whole number")
            phases = parse_phases(data["phases"])
            return cls(
                data["slug"], dict(names), data["version"], data["approved_by"], phases,
                data.get("talk_therapy_weeks"),
            )  # fmt: skip
        except KeyError as error:
            raise InvalidSchedule(f"{error.args[0]}: expected, but missing") from error

    def to_dict(self) -> dict[str, Any]:
        """Return the template as plain data; what wasn't chosen is left out, so that old digests hold."""
        weeks = self.talk_therapy_weeks
        return {
            "slug": self.slug,
            "names": dict(self.names),
            "version": self.version,
            "approved_by": self.approved_by,
            "phases": [phase.to_dict() for phase in self.phases],
            **({} if weeks is None else {"talk_therapy_weeks": weeks}),
        }

    def name_in(self, language: str) -> str:
        """Return the template's name in `language`, or in English."""
        return self.names.get(language) or self.names["en"]
