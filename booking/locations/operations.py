"""Reading the clinic's locations."""

from sqlalchemy import select

from booking.extensions import db
from booking.locations.models import Location, Resource


def list_active_locations() -> list[Location]:
    """Return the locations in the order the clinic lists them."""
    return list(
        db.session.scalars(select(Location).where(Location.active).order_by(Location.position))
    )


def get_all_locations() -> dict[int, Location]:
    """Return the locations by their ids, those closed for good too."""
    return {location.id: location for location in db.session.scalars(select(Location))}


def get_location(location_id: int) -> Location:
    """Return one location."""
    return db.session.get_one(Location, location_id)


def get_resources(ids: list[int]) -> dict[int, Resource]:
    """Return resources by their ids."""
    resources = db.session.scalars(select(Resource).where(Resource.id.in_(ids)))
    return {resource.id: resource for resource in resources}
