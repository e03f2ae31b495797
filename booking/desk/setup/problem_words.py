"""What is wrong in a set-up form, in the words of the desk and at its field.

The clinic file's own checks say it as whoever writes that file reads it: by its names, in cents and minutes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from flask_babel import lazy_gettext as _

from booking.desk.setup.places import CENTS
from booking.web.formats import format_day

Match = re.Match[str]
PRICE = "price_cents"
NOWHERE = "-"  # not of one field: stands at the top
HAS_SHIFTS = re.compile(r"staff\.([\w-]+)\.shifts")
# What a problem says, of the file → at which field below its path it stands, and what the desk reads there.
WORDS: Sequence[tuple[str, str, Callable[[str], object]]] = (
    (r'expected "09:00-17:00" or "closed"', "",
     lambda _got: _("Enter hours like 8:00 AM - 5:30 PM or 08:00-17:30, and nothing where there are none.")),
    (r"expected a beginning before the end", "",
     lambda _got: _("Enter an end after the beginning, both on full five minutes.")),
    (r"expected an end after the beginning", "",
     lambda _got: _("Enter an end after the beginning, by 6:00 AM of the next day.")),
    (r"expected spans in order", "", lambda _got: _("Enter stretches that follow one another.")),
    (r"expected a number for each number", "hours", lambda _got: _("Enter a number.")),
    (r".*\ban integer\b", "", lambda _got: _("Enter a number.")),
    (r"expected greater than or equal to (\d+)", "",
     lambda least: _("Enter %(number)s or more.", number=least)),
    (r"expected less than or equal to (\d+)", "",
     lambda most: _("Enter %(number)s or less.", number=most)),
    (r"expected a multiple of (\d+)", "",
     lambda step: _("Enter a multiple of %(number)s.", number=step)),
    (r"offset and minutes are multiples of 5", "minutes",
     lambda _got: _("Enter a multiple of 5, more than 0.")),
    (r"expected `minutes` of 5 or more", "minutes", lambda _got: _("Enter 5 minutes or more.")),
    (r"String should have at least 1 character", "", lambda _got: _("Enter a text.")),
    (r'expected a text for "en"', "en", lambda _got: _("Enter a text in English.")),
    (r"minutes_before: expected 30 minutes to 30 days", "hours",
     lambda _got: _("Enter half an hour or more, and 720 hours or less.")),
    (r"minutes_before: expected for reminders", "hours",
     lambda _got: _("Enter how many hours before the visit; of a confirmation, nothing.")),
    (r"expected \w+ by \w+ once", "kind",
     lambda _got: _("Choose each message once by text and once by e-mail.")),
    (r"expected either `needs` or `infusion`", "needs.practitioner",
     lambda _got: _("Enter what it needs, and for how many minutes.")),
    (r"leads_to: expected flagged", "leads_to", lambda _got: _("Choose what a yes leads to.")),
    (r"listed: expected only where a yes is flagged", "listed.en",
     lambda _got: _("Leave this empty where a yes leads to more than a flag.")),
    (r".*\bexpected exactly one that leads to help_first", NOWHERE,
     lambda _got: _("Exactly one question leads to help first: whether somebody is in danger now.")),
    (r'.*\bexpected "psychosis", leading to call_first', NOWHERE,
     lambda _got: _("The question about psychosis stays, and a yes to it leads to a call first.")),
    (r"expected each room and each chair once", "chairs",
     lambda _got: _("Enter each room and each chair once.")),
    (r"expected a name that tells nothing", "",
     lambda _got: _("Enter a name that tells nothing of the treatment.")),
    (r"expected an IANA time zone", "", lambda _got: _("Enter a time zone like America/Phoenix.")),
    (r"expected a phone number", "", lambda _got: _("Enter a phone number like +16025550100.")),
    (r"expected an e-mail address", "",
     lambda _got: _("Enter an e-mail address like desk@example.com.")),
    (r"expected hours within the day", "",
     lambda _got: _("Enter hours of this day; what is past midnight is the next day's.")),
    (r"extra_shifts: (\S+) at .* overlap", NOWHERE,
     lambda day: _("Two shifts overlap on %(day)s.", day=format_day(date.fromisoformat(day)))),
    (r"shifts\w*: (\w+) at .* overlap", NOWHERE,
     lambda day: _("Two shifts of a %(day)s overlap.", day=day.capitalize())),
    (r"expected \S+ once, found it again", NOWHERE,
     lambda _got: _("There is one of this name already. Enter another name.")),
    (r"expected nurses who watch equally many", "watches",
     lambda _got: _("Enter the number that the other nurses of the location watch.")),
)  # fmt: skip


def explain_problem(path: str, text: str, staff_names: Mapping[str, str]) -> tuple[str, str]:
    """Return the path of a field, and what is wrong there; without words of ours, as the file says it.

    The path is empty for what is wrong with no one field. `staff_names` are by slug.
    """
    if match := HAS_SHIFTS.fullmatch(path):
        name = staff_names.get(match[1], match[1])
        return "", str(_("%(name)s still has shifts there. Take them away first.", name=name))
    for pattern, field, words in WORDS:
        if match := re.match(pattern, text):
            number = match[1] if match.lastindex else ""
            if path.endswith(PRICE) and number:
                number = f"${int(number) // CENTS:,}"
            field_path = "" if field == NOWHERE else ".".join(filter(None, (path, field)))
            return field_path, str(words(number))
    return path, text
