"""The location, the day and the free times that an address or a form asks for."""

from datetime import date, datetime

from flask import request

from booking import clock
from booking.calendars import offering
from booking.calendars.places import Place
from booking.calendars.rules import Demand
from booking.desk.day import day_or_404
from booking.desk.freetimes import FreeDays, free_days


def asked_place(default: Place) -> Place:
    """Return the location asked for, or `default`."""
    return offering.catalogue().places.get(request.values.get("location", ""), default)


def asked_day(default: date) -> date:
    """Return the local day asked for, or `default`."""
    asked = request.values.get("date")
    return day_or_404(asked) if asked else default


def asked_free(place: Place, demand: Demand, day: date, now: datetime) -> FreeDays:
    """Return the free times of two weeks from the day asked for on, or from `day`; none past."""
    asked = request.values.get("from")
    first = day_or_404(asked) if asked else day
    return free_days(place, demand, max(first, clock.local_date(now, place.zone.key)), now)
