"""What can be set up by a form: the section of the clinic file, its fields, and how they are read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from booking.clinic.sections import Section
from booking.desk.setup import additions, places, versions, weeks
from booking.desk.setup.fields import Groups, Posted

WHOLE = "all"  # in addresses, for a section that is one of its kind, or new
WHOLE_PARTS = ("screening", "reminders", "holidays")
QUESTIONS, REMINDERS = "questions", "reminders"


@dataclass(frozen=True, slots=True)
class SetupKind:
    """A kind of set-up form; `groups` takes the section and the whole clinic, `read` what was typed.

    `rows` names those of its numbered rows that were filled in.
    """

    part: str
    title: Callable[[Any], str]
    groups: Callable[[Any, Mapping[str, Any]], Groups]
    read: Callable[[Any, Posted, date], Any]
    new_slug: Callable[[Posted], str] | None = None
    rows: Callable[[Posted], Sequence[str]] = lambda _posted: ()

    def section(self, slug: str, posted: Posted) -> Section:
        """Return which section of the file a form is about, a new one as `posted`. Raises `LookupError`."""
        if (slug == WHOLE) is not (self.part in WHOLE_PARTS or self.new_slug is not None):
            raise LookupError(slug)
        if self.new_slug is not None:
            return Section(self.part, self.new_slug(posted), is_new=True)
        return Section(self.part, "" if slug == WHOLE else slug)


def _hours_title(section: Any) -> str:
    return str(_("Opening hours: %(name)s", name=section["name"]))


def _shifts_title(section: Any) -> str:
    return str(_("Shifts: %(name)s", name=section["name"]))


def _place_title(section: Any) -> str:
    return str(_("Location: %(name)s", name=section["name"]))


KINDS: Mapping[str, SetupKind] = {
    "hours": SetupKind("locations", _hours_title, weeks.list_hours_groups, weeks.parse_hours),
    "place": SetupKind("locations", _place_title, places.list_place_groups, places.parse_place),
    "staff": SetupKind(
        "staff",
        _shifts_title,
        weeks.list_staff_groups,
        weeks.parse_staff,
        rows=weeks.list_extra_rows,
    ),
    "new-place": SetupKind(
        "locations",
        lambda _each: str(_("A new location")),
        additions.new_place_groups,
        additions.parse_new_place,
        additions.new_place_slug,
    ),
    "new-service": SetupKind(
        "services",
        lambda _each: str(_("A new service")),
        additions.new_service_groups,
        additions.parse_new_service,
        additions.new_service_slug,
    ),
    "holidays": SetupKind(
        "holidays",
        lambda _each: str(_("Holidays")),
        additions.list_holiday_groups,
        additions.parse_holidays,
    ),
    "service": SetupKind(
        "services",
        lambda each: str(each["names"]["en"]),
        places.list_service_groups,
        places.parse_service,
    ),
    QUESTIONS: SetupKind(
        "screening",
        lambda _each: str(_("Safety questions")),
        versions.list_question_groups,
        versions.parse_questions,
    ),
    REMINDERS: SetupKind(
        "reminders",
        lambda _each: str(_("Reminder rules")),
        versions.list_reminder_groups,
        versions.parse_reminders,
        rows=versions.list_rule_rows,
    ),
}
