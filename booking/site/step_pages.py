"""What the steps of a booking share: the hold as each shows it, and going on to the next."""

from collections.abc import Sequence

from flask import redirect

from booking import clock
from booking.appointments import holds
from booking.appointments.hold_snapshots import find_hold_contact, snapshot_hold
from booking.appointments.models import Appointment
from booking.calendars.operations import SlotTaken
from booking.db.transactions import OverlapError
from booking.locations import operations as locations
from booking.site.form_differences import (
    Difference,
)
from booking.site.visitor_hold import (
    Page,
    current_step_url,
    find_chosen_practitioner,
    render_slot_taken_page,
)


def describe_step(
    hold: Appointment, carries: Sequence[str], difference: Difference | None
) -> dict[str, object]:
    """Return what every step's page shows of the hold, and what its form `carries` of it."""
    return {
        "held": hold,
        "location": locations.get_location(hold.location_id),
        "practitioner": find_chosen_practitioner(hold),
        "shown": snapshot_hold(hold),
        "carries": carries,
        "contact": find_hold_contact(hold),
        "difference": difference,
    }


def renew_hold_and_redirect(hold: Appointment) -> Page:
    """Renew the hold and lead to its next step; if its time was taken, show the nearest free ones."""
    try:
        hold = holds.renew_hold(hold.token, clock.now())
    except (SlotTaken, OverlapError):
        return hold_taken_page(hold)
    return redirect(current_step_url(hold))


def hold_taken_page(hold: Appointment) -> Page:
    """Offer the times nearest to that of a hold, which has gone, with the same practitioner."""
    location = locations.get_location(hold.location_id)
    return render_slot_taken_page(location.slug, hold.starts_at, find_chosen_practitioner(hold))
