"""What searches ask for (R4 search parameters), and the bundles that answer them."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from flask import request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from werkzeug.datastructures import MultiDict

from booking.calendars.slots import Slot
from booking.dates import parse_day, parse_instant
from booking.interchange.fhir.ids import SlotId, parse_reference, parse_slot_id
from booking.interchange.fhir.resources import Resource, base_url, public_url
from booking.interchange.fhir.tokens import SLOT_STATUS, Token, parse_tokens

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


def parse_date_filter(text: object) -> DateFilter:
    """Read a bound as ge2026-12-01 or lt2026-12-01T10:00:00-07:00. Raises `ValueError`."""
    match = DATE.fullmatch(text) if isinstance(text, str) else None
    value = (parse_day(match["value"]) or parse_instant(match["value"])) if match else None
    prefix = (match["prefix"] or "eq") if match else ""
    if value is None or prefix not in PREFIXES:
        raise ValueError("expected a day like 2026-12-01, or an instant with its offset from UTC")
    return DateFilter(prefix, value)


def parse_lower_bound(text: str) -> DateFilter:
    """Read from when on proposals are wanted: a day or an instant. Raises `ValueError`."""
    return parse_date_filter(f"ge{text}")


def parse_upper_bound(text: str) -> DateFilter:
    """Read until when proposals are wanted: before an instant, or on a day yet. Raises `ValueError`."""
    bound = parse_date_filter(f"lt{text}")
    return bound if isinstance(bound.value, datetime) else replace(bound, prefix="le")


def narrow_days(bounds: Sequence[DateFilter], first: date, last: date) -> tuple[date, date]:
    """Return the days within [first, last] on which what starts so may be."""
    day = timedelta(days=1)  # an instant's day is another one elsewhere
    lower = [bound.day - day for bound in bounds if bound.prefix in ("eq", "ge", "gt")]
    upper = [bound.day + day for bound in bounds if bound.prefix in ("eq", "le", "lt")]
    return max([first, *lower]), min([last, *upper])


def parse_schedules(text: str) -> list[str]:
    """Return the ids of the schedules of which one will do, each written as Schedule/1.1 or 1.1."""
    return [parse_reference(part, "Schedule") if "/" in part else part for part in text.split(",")]


def parse_places(text: str) -> list[str]:
    """Return the ids of the places of which one will do, each written as Location/ahwatukee."""
    return [parse_reference(part, "Location") for part in text.split(",")]


Tokens = Annotated[Sequence[Token], BeforeValidator(parse_tokens)]


class Search(BaseModel):
    """A search; a parameter that isn't here is refused, so that none is overlooked.

    One that comes twice narrows what the other leaves.
    """

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    format: Annotated[list[str], Field(alias="_format")] = []


class PagedSearch(Search):
    """A search that is answered in pages."""

    count: Annotated[list[Annotated[int, Field(ge=0)]], Field(alias="_count", max_length=1)] = []

    @property
    def page_size(self) -> int:
        """How many entries a page has at most."""
        return min([*self.count, MOST_ENTRIES]) if self.count else USUAL_ENTRIES


class LocationSearch(PagedSearch):
    """A search for what there is little of, by id."""

    ids: Annotated[list[Tokens], Field(alias="_id")] = []
    after: Annotated[list[str], Field(alias="_after", max_length=1)] = []

    def has_id(self, resource_id: str) -> bool:
        """Tell whether a resource of this id is asked for."""
        return all(any(token.accepts(resource_id) for token in tokens) for tokens in self.ids)


class ScheduleSearch(LocationSearch):
    """A search for schedules, by the place whose they are."""

    actor: list[Annotated[list[str], BeforeValidator(parse_places)]] = []


class SlotSearch(PagedSearch):
    """A search for slots."""

    status: list[Tokens] = []
    start: list[Annotated[DateFilter, BeforeValidator(parse_date_filter)]] = []
    schedule: list[Annotated[list[str], BeforeValidator(parse_schedules)]] = []
    after: Annotated[
        list[Annotated[SlotId, BeforeValidator(parse_slot_id)]],
        Field(alias="_after", max_length=1),
    ] = []

    @property
    def is_about_free(self) -> bool:
        """Tell whether free slots are asked for: all that are listed."""
        return all(
            any(token.accepts("free", SLOT_STATUS) for token in tokens) for tokens in self.status
        )


class ProposalSearch(Search):
    """What `$find` is asked."""

    start: Annotated[
        list[Annotated[DateFilter, BeforeValidator(parse_lower_bound)]], Field(max_length=1)
    ] = []
    end: Annotated[
        list[Annotated[DateFilter, BeforeValidator(parse_upper_bound)]], Field(max_length=1)
    ] = []
    places: Annotated[
        list[Annotated[list[str], BeforeValidator(parse_places)]], Field(alias="location-reference")
    ] = []


AnySearch = TypeVar("AnySearch", bound=Search)


def parse_search_arguments(kind: type[AnySearch], arguments: MultiDict[str, str]) -> AnySearch:
    """Read a search's parameters. Raises `UnknownId`, pydantic's `ValidationError`."""
    return kind.model_validate(dict(arguments.lists()))


def build_page(page: Sequence[Resource], total: int, *, is_last: bool) -> Resource:
    """Return a page of what a search answers, with the link to the next one; an empty page has none."""
    return build_bundle(page, total, next_after=None if is_last or not page else page[-1]["id"])


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
