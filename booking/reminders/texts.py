"""The words of each message. Discreet: no drug, no diagnosis, no series."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask_babel import gettext as _

from booking.calendars.deadlines import Deadline
from booking.messaging.rules import Channel
from booking.reminders.rules import MessageKind


@dataclass(frozen=True, slots=True)
class MessageContext:
    """What the words are about; `phone` as people write it, `link` the appointment's own page.

    `today` is the date at the clinic when sent, `recipient_name` whose it is where a number is shared.
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
    is_location_changed: bool = False
    appointments: tuple[
        tuple[datetime, str], ...
    ] = ()  # start and clinic's neutral name, for a list

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


@dataclass(frozen=True, slots=True)
class MessageText:
    """A message's subject (e-mail only) and body."""

    subject: str
    body: str


def format_appointment_day(instant: datetime, context: MessageContext) -> str:
    """Return a day of an appointment, like "Tue, Dec 1"."""
    return format_date(
        instant.astimezone(context.zone).date(), "EEE, MMM d", locale=context.language
    )


def format_appointment_time(instant: datetime, context: MessageContext) -> str:
    """Return a time of an appointment with its zone, like "10:00 AM MST"."""
    local = instant.astimezone(context.zone)
    time_text = format_time(local.time(), "short", locale=context.language)
    return _plain_spaces(f"{time_text} {local.tzname()}")


def _plain_spaces(text: str) -> str:
    # A narrow space would force the text into UCS-2, at 70 characters a part.
    return text.replace("\u202f", " ").replace("\xa0", " ")


def format_short_deadline(deadline: Deadline, language: str) -> str:
    """Return by when something is done, like "Fri, Nov 27, 5:00 PM"; its place's own time."""
    local = deadline.at.astimezone(ZoneInfo(deadline.zone))
    day = format_date(local.date(), "EEE, MMM d", locale=language)
    return f"{day}, {_plain_spaces(format_time(local.time(), 'short', locale=language))}"


def sample_reminder(clinic: str) -> str:
    """Return the text that is shown before consent is asked."""
    text: str = _(
        "%(clinic)s: reminder of your visit on Tue, Dec 1 at 10:00 AM MST. Reply 1 to confirm, 2 if you "
        "need to change it.",
        clinic=clinic,
    )
    return text


def message_text(kind: MessageKind, channel: Channel, context: MessageContext) -> MessageText:
    """Return the words of one message about one appointment."""
    if channel is Channel.SMS:
        return MessageText("", _TEXTS[kind](context))
    closing = _again(context) if kind is MessageKind.CANCELLATION else _page(context)
    return MessageText(
        _SUBJECTS[kind](context), email_body(_OPENINGS[kind](context), closing, context)
    )


def email_body(opening: str, closing: str, context: MessageContext) -> str:
    """Return an e-mail's body around what it says."""
    text: str = _(
        "Hello %(name)s,\n\n%(opening)s\n\n%(clinic)s\n%(address)s\n%(phone)s\n\n%(closing)s\n\n"
        "In an emergency call 911. You can call or text 988 at any hour.\n",
        name=context.given_name,
        opening=opening,
        closing=closing,
        **template_values(context),
    )
    return text


def _page(context: MessageContext) -> str:
    page: str = _(
        "To see or cancel it: %(link)s\nTo change it, call %(phone)s.\nReference: %(reference)s",
        **template_values(context),
    )
    return page


def _again(context: MessageContext) -> str:
    text: str = _(
        "To book again, call %(phone)s.\nReference: %(reference)s", **template_values(context)
    )
    return text


def template_values(context: MessageContext) -> dict[str, str]:
    """Return what sentences are filled with."""
    return {
        "clinic": context.clinic,
        "sender": text_opening(context.clinic, context.recipient_name),
        "called": context.recipient_name,
        "day": context.day,
        "when": context.when,
        "time": context.time,
        "link": context.link,
        "phone": context.phone,
        "address": context.address,
        "reference": context.reference,
    }


def text_opening(clinic: str, recipient_name: str) -> str:
    """Return how a text begins: whose it is, and on a shared number whose appointment it means."""
    if not recipient_name:
        return clinic
    return str(_("%(clinic)s, for %(called)s", clinic=clinic, called=recipient_name))


def _moved_text(context: MessageContext) -> str:
    values = template_values(context)
    if context.is_location_changed:
        return str(
            _(
                "%(sender)s: NEW PLACE. Your visit is now at %(address)s, on %(day)s at %(time)s. "
                "Details: %(link)s",
                **values,
            )
        )
    return str(
        _(
            "%(sender)s: NEW TIME. Your visit is now on %(day)s at %(time)s. Details: %(link)s",
            **values,
        )
    )


def _moved_subject(context: MessageContext) -> str:
    values = template_values(context)
    if context.is_location_changed:
        return str(_("%(clinic)s: NEW PLACE, your visit is now on %(day)s", **values))
    return str(_("%(clinic)s: your visit is now on %(day)s", **values))


def _moved_opening(context: MessageContext) -> str:
    values = template_values(context)
    if context.is_location_changed:
        return str(
            _(
                "NEW PLACE: your visit is now at %(clinic)s, %(address)s, on %(day)s at %(time)s.",
                **values,
            )
        )
    return str(_("your visit is now on %(day)s at %(time)s.", **values))


def _day_before_text(context: MessageContext) -> str:
    values = template_values(context)
    if context.recipient_name:
        return str(
            _(
                "%(sender)s: reminder of your visit on %(day)s at %(time)s. Reply 1 %(called)s to confirm, "
                "2 %(called)s if you need to change it.",
                **values,
            )
        )
    return str(
        _(
            "%(sender)s: reminder of your visit on %(day)s at %(time)s. Reply 1 to confirm, 2 if you "
            "need to change it.",
            **values,
        )
    )


Sentence = Callable[[MessageContext], str]

_TEXTS: dict[MessageKind, Sentence] = {
    MessageKind.CONFIRMATION: lambda context: _(
        "%(sender)s: your visit is booked for %(day)s at %(time)s. Details: %(link)s "
        "Reply STOP to end texts.",
        **template_values(context),
    ),
    MessageKind.MOVED: _moved_text,
    MessageKind.CANCELLATION: lambda context: _(
        "%(sender)s: your visit on %(day)s at %(time)s is cancelled. To book again call %(phone)s.",
        **template_values(context),
    ),
    MessageKind.DAYS_BEFORE: lambda context: _(
        "%(sender)s: your visit is on %(day)s at %(time)s. Details: %(link)s",
        **template_values(context),
    ),
    MessageKind.DAY_BEFORE: _day_before_text,
    MessageKind.HOURS_BEFORE: lambda context: _(
        "%(sender)s: see you %(when)s at %(time)s, %(address)s. Questions: %(phone)s.",
        **template_values(context),
    ),
}

_SUBJECTS: dict[MessageKind, Sentence] = {
    MessageKind.CONFIRMATION: lambda context: _(
        "%(clinic)s: your visit on %(day)s", **template_values(context)
    ),
    MessageKind.MOVED: _moved_subject,
    MessageKind.CANCELLATION: lambda context: _(
        "%(clinic)s: your visit on %(day)s is cancelled", **template_values(context)
    ),
    MessageKind.DAYS_BEFORE: lambda context: _(
        "%(clinic)s: your visit on %(day)s", **template_values(context)
    ),
    MessageKind.DAY_BEFORE: lambda context: _(
        "%(clinic)s: your visit %(when)s", **template_values(context)
    ),
    MessageKind.HOURS_BEFORE: lambda context: _(
        "%(clinic)s: your visit %(when)s", **template_values(context)
    ),
}

_OPENINGS: dict[MessageKind, Sentence] = {
    MessageKind.CONFIRMATION: lambda context: _(
        "your visit is booked for %(day)s at %(time)s.", **template_values(context)
    ),
    MessageKind.MOVED: _moved_opening,
    MessageKind.CANCELLATION: lambda context: _(
        "your visit on %(day)s at %(time)s is cancelled.", **template_values(context)
    ),
    MessageKind.DAYS_BEFORE: lambda context: _(
        "this is a reminder of your visit on %(day)s at %(time)s.", **template_values(context)
    ),
    MessageKind.DAY_BEFORE: lambda context: _(
        "this is a reminder of your visit on %(day)s at %(time)s.", **template_values(context)
    ),
    MessageKind.HOURS_BEFORE: lambda context: _(
        "your visit is %(when)s at %(time)s.", **template_values(context)
    ),
}
