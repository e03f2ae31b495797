"""When and where somebody could come sooner, as patients tick it on their page and the desk on theirs."""

from collections.abc import Iterable
from typing import Any, Self

from babel.dates import get_day_names
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired

from booking.calendars.catalogue import Catalogue
from booking.calendars.local_days import PartOfDay
from booking.calendars.location_calendars import LocationCalendar
from booking.locations import operations as locations
from booking.waitlist.rules import Wish
from booking.web.formats import page_locale
from booking.web.worded_forms import WordedForm


class WishForm(WordedForm):
    """Days, parts of the day and locations: at least one of each; at first all are ticked."""

    weekdays = SelectMultipleField(
        _l("Days you could come"), [InputRequired(_l("Choose at least one day."))]
    )
    parts = SelectMultipleField(
        _l("Times of day"), [InputRequired(_l("Choose at least one time of day."))]
    )
    locations = SelectMultipleField(
        _l("Where"), [InputRequired(_l("Choose at least one location."))]
    )

    def __init__(self, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.weekdays.choices = _weekday_choices(catalogue.locations.values())
        self.parts.choices = _part_choices()
        self.locations.choices = _location_choices()

    @classmethod
    def fill_from(cls, wish: Wish | None, catalogue: Catalogue) -> Self:
        """Return the form as somebody filled it in before; with everything ticked for anybody else."""
        return cls(catalogue, formdata=None, data=_ticked(wish, catalogue))

    def read_wish(self, catalogue: Catalogue) -> Wish:
        """Return what was ticked, once the form is valid."""
        return Wish(
            frozenset(int(day) for day in self.weekdays.data or ()),
            frozenset(PartOfDay(part) for part in self.parts.data or ()),
            frozenset(catalogue.locations[slug].id for slug in self.locations.data or ()),
        )


def _ticked(wish: Wish | None, catalogue: Catalogue) -> dict[str, list[str]]:
    """Return the values of what is ticked, by field."""
    slugs = {location.id: slug for slug, location in catalogue.locations.items()}
    if wish is None:
        weekdays = _open_weekdays(catalogue.locations.values())
        wish = Wish(frozenset(weekdays), frozenset(PartOfDay), frozenset(slugs))
    return {
        "weekdays": [str(weekday) for weekday in wish.weekdays],
        "parts": [part.value for part in wish.parts],
        "locations": [slugs[key] for key in wish.location_ids if key in slugs],
    }


def format_weekday(weekday: int) -> str:
    """Return the name of a weekday (Monday is 0), with a capital as it stands by itself."""
    name: str = get_day_names("wide", "stand-alone", locale=page_locale())[weekday]
    return name[:1].upper() + name[1:]


def _open_weekdays(calendars: Iterable[LocationCalendar]) -> list[int]:
    """Return the days on which any location opens."""
    return sorted({hours.weekday for calendar in calendars for hours in calendar.hours})


def _weekday_choices(calendars: Iterable[LocationCalendar]) -> list[SelectChoice]:
    return [SelectChoice(str(day), format_weekday(day)) for day in _open_weekdays(calendars)]


def _part_choices() -> list[SelectChoice]:
    words: dict[PartOfDay, str] = {
        PartOfDay.MORNING: _("Morning, before noon"),
        PartOfDay.AFTERNOON: _("Afternoon, noon to 5"),
        PartOfDay.EVENING: _("Evening, after 5"),
    }
    return [SelectChoice(part.value, words[part]) for part in PartOfDay]


def _location_choices() -> list[SelectChoice]:
    return [
        SelectChoice(location.slug, location.neutral_name)
        for location in locations.list_active_locations()
    ]
