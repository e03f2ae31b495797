"""New times for whoever lost theirs, by the link of the text: take them, another one, or none of them."""

from collections.abc import Callable

from flask import abort, redirect, render_template, request, url_for

from booking import clock
from booking.access import Access, access
from booking.appointments.guards import ChangeRefused
from booking.appointments.patient_booking import NotCleared, PatientBusy
from booking.appointments.rules import ActionNotAllowed
from booking.calendars.availability import UnknownSlug
from booking.calendars.operations import SlotTaken
from booking.calendars.slots import Slot
from booking.dates import parse_instant
from booking.db.transactions import OverlapError
from booking.locations import operations as locations
from booking.outages.answers import (
    ONLINE,
    ChoiceOver,
    accept_times,
    choose_other_time,
    decline_times,
)
from booking.outages.models import AffectedPatient
from booking.outages.other_times import list_other_times
from booking.outages.queries import AffectedRecord, find_by_choice_token, list_records
from booking.outages.rules import ANSWERABLE, AnswerStatus
from booking.outages.settling import needs_time
from booking.site.blueprint import blueprint
from booking.site.visitor_hold import Page

NOT_MOVED = (
    *(SlotTaken, OverlapError, PatientBusy, UnknownSlug),
    *(ActionNotAllowed, ChangeRefused, NotCleared),
)


@blueprint.get("/c/<choice_token>")
@access(Access.TOKEN)
def show_new_times(choice_token: str) -> str:
    """Show the times that are held beside those that were lost, or what became of it; changes nothing."""
    return _page(get_affected_or_404(choice_token))


@blueprint.post("/c/<choice_token>/accept")
@access(Access.TOKEN)
def accept_new_times(choice_token: str) -> Page:
    """Move everything to the times that are held; who is late, or twice there, is told how things stand."""
    return _answer(choice_token, lambda affected: accept_times(affected.id, clock.now(), ONLINE))


@blueprint.post("/c/<choice_token>/other")
@access(Access.TOKEN)
def choose_another_time(choice_token: str) -> Page:
    """Take another of the times shown, if it is still free."""
    starts_at, location = parse_instant(request.form.get("start")), request.form.get("location")
    if starts_at is None or not location:
        return redirect(url_for(".show_new_times", choice_token=choice_token))
    return _answer(
        choice_token,
        lambda affected: choose_other_time(affected.id, location, starts_at, clock.now(), ONLINE),
    )


@blueprint.post("/c/<choice_token>/decline")
@access(Access.TOKEN)
def decline_new_times(choice_token: str) -> Page:
    """Record that a patient declines all proposed times; the desk will call them."""
    return _answer(choice_token, lambda affected: decline_times(affected.id, clock.now(), ONLINE))


def get_affected_or_404(choice_token: str) -> AffectedPatient:
    """Return whose link has this token."""
    return find_by_choice_token(choice_token) or abort(404)


def _answer(choice_token: str, change: Callable[[AffectedPatient], object]) -> Page:
    try:
        change(get_affected_or_404(choice_token))
    except ChoiceOver:
        return _page(get_affected_or_404(choice_token)), 409
    except NOT_MOVED:
        return _page(get_affected_or_404(choice_token), not_moved=True), 409
    return redirect(url_for(".show_new_times", choice_token=choice_token))


def _page(affected: AffectedPatient, *, not_moved: bool = False) -> str:
    records = list_records(affected.id)
    status = _status_now(affected, records)
    return render_template(
        "site/new_times.html",
        affected=affected,
        status=status.value,
        records=records,
        locations=locations.get_all_locations(),
        others=_list_others(affected, records) if status in ANSWERABLE else [],
        not_moved=not_moved,
    )


def _status_now(affected: AffectedPatient, records: list[AffectedRecord]) -> AnswerStatus:
    """Return how things stand for the patient, whether or not the scheduler has looked since."""
    if affected.status not in ANSWERABLE:
        return affected.status
    if not any(needs_time(record) for record in records):
        return AnswerStatus.SETTLED
    is_over = affected.held_until is None or clock.now() >= affected.held_until
    is_held = any(record.affected.hold_id is not None for record in records)
    return AnswerStatus.EXPIRED if is_over or not is_held else affected.status


def _list_others(affected: AffectedPatient, records: list[AffectedRecord]) -> list[Slot]:
    if len(records) != 1:
        return []
    return list_other_times(records[0].appointment, records[0].affected, clock.now())
