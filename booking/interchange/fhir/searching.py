"""What a search for slots asks for (R4 search parameters), and the bundles that answer searches."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from flask import request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from werkzeug.datastructures import MultiDict

from booking.calendars.slots import Slot
from booking.dates import parse_day, parse_instant
from booking.interchange.fhir.ids import SlotId, parse_reference, parse_slot_id
from booking.interchange.fhir.resources import Resource, base_url, public_url

MOST_ENTRIES, USUAL_ENTRIES = 200, 50  # of one page of a bundle
PREFIXES: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "ne": operator.ne,
    "ge": operator.ge, "gt": operator.gt, "le": operator.le, "lt": operator.lt,
}  # fmt: skip
DATE = re.compile(r"(?P<prefix>[a-z]{2})?(?P<value>[0-9].*)")


@dataclass(frozen=True, slots=True)
class DateFilter:
    """A bound on a slot's start: a local day of its location, or an instant; with FHIR's prefix."""

    prefix: str
    value: date  # or an instant, in UTC

    def accepts(self, slot: Slot) -> bool:
        """Tell whether a slot starts so."""
        start = slot.starts_at if isinstance(self.value, datetime) else slot.local_start.date()
        return PREFIXES[self.prefix](start, self.value)

    @property
    def day(self) -> date:
        """The day that the bound lies on, in one zone or another."""
        return self.value.date() if isinstance(self.value, datetime) else self.value


def read_date_filter(text: object) -> DateFilter:
    """Read a bound as ge2026-12-01 or lt2026-12-01T10:00:00-07:00. Raises `ValueError`."""
    match = DATE.fullmatch(text) if isinstance(text, str) else None
    value = (parse_day(match["value"]) or parse_instant(match["value"])) if match else None
    prefix = (match["prefix"] or "eq") if match else ""
    if value is None or prefix not in PREFIXES:
        raise ValueError("expected a day or an instant, as in ge2026-12-01")
    return DateFilter(prefix, value)


def require_schedules(references: Sequence[str]) -> list[str]:
    """Return the ids of schedules, each written as Schedule/1.1 or 1.1."""
    parts = [part for text in references for part in text.split(",")]
    return [parse_reference(part, "Schedule") if "/" in part else part for part in parts]


class SlotSearch(BaseModel):
    """A search for slots; a parameter that isn't here is refused, so that none is overlooked."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    status: list[str] = []
    start: list[Annotated[DateFilter, BeforeValidator(read_date_filter)]] = []
    schedule: Annotated[list[str], AfterValidator(require_schedules)] = []
    count: Annotated[list[Annotated[int, Field(ge=0)]], Field(alias="_count", max_length=1)] = []
    after: Annotated[
        list[Annotated[SlotId, BeforeValidator(parse_slot_id)]],
        Field(alias="_after", max_length=1),
    ] = []
    format: Annotated[list[str], Field(alias="_format")] = []

    @property
    def page_size(self) -> int:
        """How many entries a page has at most."""
        return min([*self.count, MOST_ENTRIES]) if self.count else USUAL_ENTRIES

    @property
    def is_about_free(self) -> bool:
        """Tell whether free slots are asked for: all that are listed."""
        return all("free" in text.split(",") for text in self.status)

    def days(self, first: date, last: date) -> tuple[date, date]:
        """Return the days within [first, last] on which a slot may be what is asked for."""
        day = timedelta(days=1)  # an instant's day is another one elsewhere
        lower = [bound.day - day for bound in self.start if bound.prefix in ("eq", "ge", "gt")]
        upper = [bound.day + day for bound in self.start if bound.prefix in ("eq", "le", "lt")]
        return max([first, *lower]), min([last, *upper])


def read_slot_search(arguments: MultiDict[str, str]) -> SlotSearch:
    """Read a search's parameters. Raises pydantic's `ValidationError`."""
    return SlotSearch.model_validate(dict(arguments.lists()))


def build_bundle(
    resources: Sequence[Resource], total: int, next_after: str | None = None
) -> Resource:
    """Return what a search answers; `next_after` is the id that the next page follows."""
    links = [{"relation": "self", "url": _this_url(request.args)}]
    if next_after is not None:
        further = MultiDict(request.args)
        further["_after"] = next_after
        links.append({"relation": "next", "url": _this_url(further)})
    entries = [
        {
            "fullUrl": f"{base_url()}/{resource['resourceType']}/{resource['id']}",
            "resource": resource,
            "search": {"mode": "match"},
        }
        for resource in resources
    ]
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": total, "link": links}
    return bundle | ({"entry": entries} if entries else {})


def _this_url(arguments: MultiDict[str, str]) -> str:
    query = urlencode(list(arguments.items(multi=True)))
    return f"{public_url()}{request.path}" + (f"?{query}" if query else "")
