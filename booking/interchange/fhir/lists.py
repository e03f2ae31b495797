"""FHIR's reads and searches of what anybody may see: places, schedules, free slots, the safety questions."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import Response, request
from flask_babel import get_locale

from booking import clock
from booking.access import Access, access
from booking.calendars import availability
from booking.calendars.slots import Slot, list_slots
from booking.interchange.conditional import make_conditional
from booking.interchange.fhir.blueprint import answer, blueprint
from booking.interchange.fhir.capability import describe_server
from booking.interchange.fhir.ids import (
    SlotId,
    UnknownId,
    make_schedule_id,
)
from booking.interchange.fhir.resources import (
    Resource,
    describe_slots,
    iter_schedules,
    list_online_services,
    location_to_fhir,
    questionnaire_url,
    resolve_slot_id,
    schedule_to_fhir,
    slot_to_fhir,
)
from booking.interchange.fhir.searching import (
    DateFilter,
    LocationSearch,
    ScheduleSearch,
    SlotSearch,
    build_page,
    narrow_days,
    parse_search_arguments,
)
from booking.interchange.publication import AHEAD
from booking.locations import operations as locations
from booking.web.limits import count_read

READS_ALLOWED = "6000 per hour"  # of one address, of each kind of page
DAY = timedelta(days=1)


@blueprint.get("/metadata")
@access(Access.PUBLIC)
def show_metadata() -> Response:
    """Say what can be read and done here."""
    return make_conditional(answer(describe_server()))


@blueprint.get("/Location")
@access(Access.PUBLIC)
def search_locations() -> Response:
    """List the places; `_id` names some."""
    count_read(READS_ALLOWED)
    search = parse_search_arguments(LocationSearch, request.args)
    return _list(search, [location_to_fhir(each) for each in locations.list_active_locations()])


@blueprint.get("/Location/<slug>")
@access(Access.PUBLIC)
def show_location(slug: str) -> Response:
    """Show a place."""
    count_read(READS_ALLOWED)
    places = {each.slug: each for each in locations.list_active_locations()}
    if slug not in places:
        raise UnknownId(slug)
    return make_conditional(answer(location_to_fhir(places[slug])))


@blueprint.get("/Schedule")
@access(Access.PUBLIC)
def search_schedules() -> Response:
    """List the schedules, of `actor` (places) alone where it is given."""
    count_read(READS_ALLOWED)
    search = parse_search_arguments(ScheduleSearch, request.args)
    return _list(
        search,
        [
            schedule_to_fhir(location, service)
            for location, service in iter_schedules(availability.current_catalogue())
            if all(location.slug in slugs for slugs in search.actor)
        ],
    )


@blueprint.get("/Schedule/<schedule_id>")
@access(Access.PUBLIC)
def show_schedule(schedule_id: str) -> Response:
    """Show a schedule."""
    count_read(READS_ALLOWED)
    for location, service in iter_schedules(availability.current_catalogue()):
        if make_schedule_id(location.id, service.id) == schedule_id:
            return make_conditional(answer(schedule_to_fhir(location, service)))
    raise UnknownId(schedule_id)


@blueprint.get("/Slot")
@access(Access.PUBLIC)
def search_slots() -> Response:
    """List free slots, soonest first, a page at a time; others are not listed."""
    count_read(READS_ALLOWED)
    search, now = parse_search_arguments(SlotSearch, request.args), clock.now()
    slots = [
        slot
        for slot in (list_free_slots(search.start, now) if search.is_about_free else [])
        if all(_schedule_of(slot) in ids for ids in search.schedule)
    ]
    further = [slot for slot in slots if not search.after or build_slot_id(slot) > search.after[0]]
    page = [_to_fhir(slot) for slot in further[: search.page_size]]
    return answer(build_page(page, len(slots), is_last=len(page) == len(further)))


def list_free_slots(bounds: Sequence[DateFilter], now: datetime) -> list[Slot]:
    """Return the free slots that start within bounds, in the order of their ids' parts."""
    catalogue = availability.current_catalogue()
    first, last = narrow_days(bounds, now.date() - DAY, now.date() + AHEAD)
    slots = [
        slot
        for service in list_online_services(catalogue)
        for slot in list_slots(service.slug, None, first, last, now)
        if all(bound.accepts(slot) for bound in bounds)
    ]
    return sorted(slots, key=build_slot_id)


def build_slot_id(slot: Slot) -> SlotId:
    """Return the id of a slot, by which slots are ordered, too."""
    return SlotId(slot.starts_at, slot.location.id, slot.service.id)


def _schedule_of(slot: Slot) -> str:
    return make_schedule_id(slot.location.id, slot.service.id)


def _to_fhir(slot: Slot) -> Resource:
    return slot_to_fhir(describe_slots(slot.location, slot.service), slot.starts_at)


@blueprint.get("/Slot/<slot_id>")
@access(Access.PUBLIC)
def show_slot(slot_id: str) -> Response:
    """Show a slot while it is free."""
    count_read(READS_ALLOWED)
    location, service, starts_at = resolve_slot_id(slot_id)
    day = starts_at.astimezone(location.zone).date()
    for slot in list_slots(service.slug, [location.slug], day, day, clock.now()):
        if slot.starts_at == starts_at:
            return answer(_to_fhir(slot))
    raise UnknownId(slot_id)


@blueprint.get("/Questionnaire/screening")
@access(Access.PUBLIC)
def show_questionnaire() -> Response:
    """Show the safety questions; "no" to all of them goes on."""
    questions, language = availability.current_catalogue().questions, str(get_locale())
    items = [
        {"linkId": q.slug, "text": q.text_in(language), "type": "boolean", "required": True}
        for q in questions.questions
    ]
    resource: Resource = {
        "resourceType": "Questionnaire",
        "id": "screening",
        "url": questionnaire_url(),
        "version": str(questions.version),
        "status": "active",
        "language": language,
        "subjectType": ["Patient"],
    }
    return make_conditional(answer(resource | ({"item": items} if items else {})))


def _list(search: LocationSearch, resources: Sequence[Resource]) -> Response:
    """Answer a search by id of what there is little of. Raises `UnknownId`."""
    matches = [each for each in resources if search.has_id(each["id"])]
    further = _list_after(search.after[0], matches) if search.after else matches
    page = further[: search.page_size]
    return make_conditional(
        answer(build_page(page, len(matches), is_last=len(page) == len(further)))
    )


def _list_after(resource_id: str, resources: Sequence[Resource]) -> Sequence[Resource]:
    ids = [each["id"] for each in resources]
    if resource_id not in ids:
        raise UnknownId(resource_id)
    return resources[ids.index(resource_id) + 1 :]
