"""What patients see of a clinic that has no consultation to offer online, as before it is set up."""

from flask import render_template

from booking.calendars import availability
from booking.calendars.catalogue import BookableService, Catalogue
from booking.site.blueprint import blueprint
from booking.site.visitor_hold import SERVICE


class NothingOffered(Exception):
    """There is no consultation, or no location to have it at."""


def get_consultation(catalogue: Catalogue) -> BookableService:
    """Return the service that patients book. Raises `NothingOffered`."""
    if SERVICE not in catalogue.services or not catalogue.locations:
        raise NothingOffered
    return availability.get_service(catalogue, SERVICE)


@blueprint.errorhandler(NothingOffered)
def explain_nothing_offered(_error: NothingOffered) -> tuple[str, int]:
    """Say so, for now: 503."""
    return render_template("site/not_open.html"), 503
