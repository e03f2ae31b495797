"""What isn't there, from when until when, and why: as the desk types it."""

from datetime import date, datetime, time

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from booking.calendars.catalogue import Catalogue
from booking.calendars.local_days import resolve_wall_clock
from booking.calendars.location_calendars import LocationCalendar
from booking.desk.date_fields import ClockField, DayField
from booking.desk.forms import MAX_NOTE_LENGTH
from booking.desk.typed_dates import validate_date
from booking.locations import operations as locations
from booking.locations.models import Outage
from booking.locations.rules import END_OF_DAY, ResourceKind
from booking.staff import operations as staff
from booking.staff.models import Role
from booking.web.worded_forms import WordedForm

LOCATION, RESOURCE, STAFF = "location", "resource", "staff"
CLOSABLE = (ResourceKind.CHAIR, ResourceKind.ROOM)
MISSED = (Role.NURSE, Role.PRACTITIONER)  # whose absence takes appointments' times

Choices = dict[str, list[tuple[str, str]]]


class OutageForm(WordedForm):
    """A location, room, chair or person that is unavailable, from when until when, and why."""

    subject = SelectField(_l("What is closed, broken or away?"), [InputRequired(_l("Choose."))])
    subjects: Choices
    first_day = DayField(_l("Day"), [InputRequired(_l("Enter a day."))])
    begins = ClockField(_l("Time"), [Optional()], description=_l("Empty: start of the day"))
    last_day = DayField(_l("Day"), [Optional()], description=_l("Empty: the same day"))
    ends = ClockField(_l("Time"), [Optional()], description=_l("Empty: end of the day"))
    is_open_ended = BooleanField(_l("Until further notice"))
    reason = StringField(
        _l("Why (staff alone read this)"),
        [
            DataRequired(_l("Enter a reason.")),
            Length(max=MAX_NOTE_LENGTH, message=_l("Use 1,000 characters at most.")),
        ],
    )

    def set_choices(self, catalogue: Catalogue) -> "OutageForm":
        """Offer every location, chair, room, nurse and practitioner; return the form."""
        self.subjects = list_outage_subjects(catalogue)
        self.subject.choices = {name: [*group] for name, group in self.subjects.items()}
        return self

    @property
    def has_subject(self) -> bool:
        """Tell whether something was chosen that there is."""
        values = {value for group in self.subjects.values() for value, _name in group}
        return self.subject.data in values

    def validate_span(self, location: LocationCalendar, today: date) -> bool:
        """Tell whether all is right; what is wrong is at its field. `today` is the location's."""
        valid = bool(self.validate())
        for field in (self.first_day, self.last_day):
            if field.data is not None and (problem := validate_date(field.data, today)):
                return _refuse(field, problem)
        if not valid:
            return False
        starts_at, ends_at = self.read_span(location)
        if ends_at is not None and ends_at <= starts_at:
            is_same_day = self.last_day.data in (None, self.first_day.data)
            problem = _("Enter a time after the beginning.")
            return _refuse(self.ends if is_same_day else self.last_day, problem)
        return True

    def read_span(self, location: LocationCalendar) -> tuple[datetime, datetime | None]:
        """Return from when until when (UTC), on the location's clock; without an end, none."""
        zone, first_day = location.zone, self.first_day.data or date.max
        starts_at = resolve_wall_clock(first_day, self.begins.data or time(), zone)
        if self.is_open_ended.data:
            return starts_at, None
        last_day = self.last_day.data or first_day
        return starts_at, resolve_wall_clock(last_day, self.ends.data or END_OF_DAY, zone)

    def read_outage(self, location: LocationCalendar) -> Outage:
        """Return what was typed as an outage, once the form is valid."""
        kind, number = self.subject.data.split(":")
        starts_at, ends_at = self.read_span(location)
        return Outage(**{f"{kind}_id": int(number)}, starts_at=starts_at, ends_at=ends_at)


def _refuse(field: Field, problem: str) -> bool:
    field.errors = [*field.errors, problem]
    return False


def list_outage_subjects(catalogue: Catalogue) -> Choices:
    """Return what can be closed, broken or away, by groups: values and names."""
    groups: dict[str, list[tuple[str, str]]] = {
        str(_("A whole location")): [
            (f"{LOCATION}:{location.id}", location.name)
            for location in catalogue.locations.values()
        ]
    }
    for location in catalogue.locations.values():
        ids = [key for kind in CLOSABLE for key in location.resources.get(kind, ())]
        resources = locations.get_resources(ids)
        groups[str(_("A chair or room: %(location)s", location=location.name))] = [
            (f"{RESOURCE}:{key}", resources[key].name) for key in ids
        ]
    groups[str(_("Somebody who works here"))] = [
        (f"{STAFF}:{person.id}", person.name)
        for person in staff.list_active_staff()
        if person.role in MISSED
    ]
    return {name: choices for name, choices in groups.items() if choices}
