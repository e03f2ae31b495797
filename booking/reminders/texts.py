"""What the words of messages are made of. Discreet: no drug, no diagnosis, no series."""

from dataclasses import dataclass
from datetime import date, datetime
from textwrap import shorten
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask_babel import gettext as _

from booking.calendars.deadlines import Deadline
from booking.languages import locale_of

MAX_SENDER_LENGTH = 30  # characters of a clinic's name in a text


@dataclass(frozen=True, slots=True)
class ListedAppointment:
    """One of several appointments told of together; `clinic` is its location's neutral name.

    `zone` is that of its location, where it may be another than the first one's.
    """

    starts_at: datetime
    clinic: str
    link: str
    is_cancelled: bool = False
    is_moved: bool = False  # told of before, with another time or place
    zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True)
class MoveChanges:
    """What is otherwise than a patient was last told: of an appointment that moved, or of any of several."""

    time: bool = True
    location: bool = False


@dataclass(frozen=True, slots=True)
class MessageContext:
    """What the words are about; `phone` as people write it, `link` the appointment's own page.

    `today` is the date at the clinic when sent, `recipient_name` whose it is where a number is shared,
    `kept_until` when a time that is offered goes to the next person; with `asks_readiness` the page of `link`
    asks from the evening before whether they are ready.
    """

    clinic: str
    address: str
    phone: str
    zone: ZoneInfo
    language: str
    given_name: str
    reference: str
    starts_at: datetime
    link: str
    today: date
    recipient_name: str = ""
    changes: MoveChanges = MoveChanges()
    appointments: tuple[ListedAppointment, ...] = ()  # for a list
    kept_until: datetime | None = None
    asks_readiness: bool = False

    @property
    def day(self) -> str:
        """The day, like "Tue, Dec 1"."""
        return format_appointment_day(self.starts_at, self)

    @property
    def when(self) -> str:
        """The day as seen from today: "today", "tomorrow", else "on Tue, Dec 1"."""
        days = (self.starts_at.astimezone(self.zone).date() - self.today).days
        near_days: dict[int, str] = {0: _("today"), 1: _("tomorrow")}
        return near_days.get(days) or str(_("on %(day)s", day=self.day))

    @property
    def time(self) -> str:
        """The time with its zone, like "10:00 AM MST"."""
        return format_appointment_time(self.starts_at, self)

    @property
    def until(self) -> str:
        """Until when a time is kept, like "9:15 AM"; empty where none is offered."""
        return format_clock_time(self.kept_until, self) if self.kept_until else ""

    @property
    def answer_by(self) -> str:
        """By when an answer is asked for, within a week, like "Tue 9:15 AM"; empty where none is."""
        if self.kept_until is None:
            return ""
        day = self.kept_until.astimezone(self.zone).date()
        return f"{format_date(day, 'EEE', locale=locale_of(self.language))} {self.until}"


@dataclass(frozen=True, slots=True)
class MessageText:
    """A message's subject (e-mail only) and body."""

    subject: str
    body: str


def format_appointment_day(instant: datetime, context: MessageContext) -> str:
    """Return a day of an appointment, like "Tue, Dec 1"."""
    return format_date(
        instant.astimezone(context.zone).date(), _("EEE, MMM d"), locale=locale_of(context.language)
    )


def format_appointment_time(instant: datetime, context: MessageContext) -> str:
    """Return a time of an appointment with its zone, like "10:00 AM MST"."""
    zone_name = instant.astimezone(context.zone).tzname()
    return f"{format_clock_time(instant, context)} {zone_name}"


def format_clock_time(instant: datetime, context: MessageContext) -> str:
    """Return a time without its zone, like "10:00 AM"."""
    return format_zone_time(instant, context.zone, context.language)


def format_zone_time(instant: datetime, zone: ZoneInfo, language: str) -> str:
    """Return what the clocks of a zone show, in words of a language, like "10:00 AM"."""
    local = instant.astimezone(zone)
    return _plain_spaces(format_time(local.time(), "short", locale=locale_of(language)))


def _plain_spaces(text: str) -> str:
    # A narrow space would force the text into UCS-2, at 70 characters a part.
    return text.replace("\u202f", " ").replace("\xa0", " ")


def format_short_deadline(deadline: Deadline, language: str) -> str:
    """Return by when something is done, like "Fri, Nov 27, 5:00 PM"; its place's own time."""
    zone = ZoneInfo(deadline.zone)
    local_date = deadline.at.astimezone(zone).date()
    day = format_date(local_date, _("EEE, MMM d"), locale=locale_of(language))
    return f"{day}, {format_zone_time(deadline.at, zone, language)}"


def template_values(context: MessageContext) -> dict[str, str]:
    """Return what sentences are filled with."""
    return {
        "clinic": context.clinic,
        "sender": text_opening(context.clinic, context.recipient_name),
        "called": context.recipient_name,
        "day": context.day,
        "when": context.when,
        "time": context.time,
        "until": context.until,
        "answer_by": context.answer_by,
        "link": context.link,
        "phone": context.phone,
        "address": context.address,
        "reference": context.reference,
    }


def text_opening(clinic: str, recipient_name: str = "") -> str:
    """Return how a text begins: whose it is, and on a shared number whose appointment it means.

    A long name of a clinic is cut at a word, so that what the text says has room.
    """
    sender = shorten(clinic, MAX_SENDER_LENGTH, placeholder="")
    if not recipient_name:
        return sender
    return str(_("%(clinic)s, for %(called)s", clinic=sender, called=recipient_name))
