"""The words of each message. Discreet: no drug, no diagnosis, no series."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask_babel import gettext as _

from booking.messaging.rules import Channel
from booking.reminders.rules import Kind


@dataclass(frozen=True, slots=True)
class Wording:
    """What the words are about; `phone` as people write it, `link` the visit's own page."""

    clinic: str
    address: str
    phone: str
    zone: ZoneInfo
    language: str
    given_name: str
    reference: str
    starts_at: datetime
    link: str
    visits: tuple[tuple[datetime, str], ...] = ()  # start and clinic's neutral name, for a list

    @property
    def day(self) -> str:
        """The day, like "Tue, Dec 1"."""
        return day_of(self.starts_at, self)

    @property
    def time(self) -> str:
        """The time with its zone, like "10:00 AM MST"."""
        return time_of(self.starts_at, self)


@dataclass(frozen=True, slots=True)
class Words:
    """A message's subject (e-mail only) and body."""

    subject: str
    body: str


def day_of(instant: datetime, about: Wording) -> str:
    """Return a day of a visit, like "Tue, Dec 1"."""
    return format_date(instant.astimezone(about.zone).date(), "EEE, MMM d", locale=about.language)


def time_of(instant: datetime, about: Wording) -> str:
    """Return a time of a visit with its zone, like "10:00 AM MST"."""
    local = instant.astimezone(about.zone)
    shown = format_time(local.time(), "short", locale=about.language)
    # A narrow space would force the text into UCS-2, at 70 characters a part.
    return f"{shown} {local.tzname()}".replace("\u202f", " ").replace("\xa0", " ")


def sample_text(clinic: str) -> str:
    """Return the text that is shown before consent is asked."""
    text: str = _(
        "%(clinic)s: reminder of your visit on Tue, Dec 1 at 10:00 AM MST. Reply 1 to confirm, 2 if you "
        "need to change it.",
        clinic=clinic,
    )
    return text


def words(kind: Kind, channel: Channel, about: Wording) -> Words:
    """Return the words of one message about one visit."""
    if channel is Channel.SMS:
        return Words("", _TEXTS[kind](about))
    closing = _again(about) if kind is Kind.CANCELLATION else _page(about)
    return Words(_SUBJECTS[kind](about), letter(_OPENINGS[kind](about), closing, about))


def letter(opening: str, closing: str, about: Wording) -> str:
    """Return an e-mail's body around what it says."""
    text: str = _(
        "Hello %(name)s,\n\n%(opening)s\n\n%(clinic)s\n%(address)s\n%(phone)s\n\n%(closing)s\n\n"
        "In an emergency call 911. You can call or text 988 at any hour.\n",
        name=about.given_name,
        opening=opening,
        closing=closing,
        **values_of(about),
    )
    return text


def _page(about: Wording) -> str:
    page: str = _(
        "To see or cancel it: %(link)s\nTo change it, call %(phone)s.\nReference: %(reference)s",
        **values_of(about),
    )
    return page


def _again(about: Wording) -> str:
    again: str = _("To book again, call %(phone)s.\nReference: %(reference)s", **values_of(about))
    return again


def values_of(about: Wording) -> dict[str, str]:
    """Return what sentences are filled with."""
    return {
        "clinic": about.clinic,
        "day": about.day,
        "time": about.time,
        "link": about.link,
        "phone": about.phone,
        "address": about.address,
        "reference": about.reference,
    }


Sentence = Callable[[Wording], str]

_TEXTS: dict[Kind, Sentence] = {
    Kind.CONFIRMATION: lambda about: _(
        "%(clinic)s: your visit is booked for %(day)s at %(time)s. Details: %(link)s "
        "Reply STOP to end texts.",
        **values_of(about),
    ),
    Kind.MOVED: lambda about: _(
        "%(clinic)s: NEW TIME. Your visit is now on %(day)s at %(time)s. Details: %(link)s",
        **values_of(about),
    ),
    Kind.CANCELLATION: lambda about: _(
        "%(clinic)s: your visit on %(day)s at %(time)s is cancelled. To book again call %(phone)s.",
        **values_of(about),
    ),
    Kind.DAYS_BEFORE: lambda about: _(
        "%(clinic)s: your visit is on %(day)s at %(time)s. Details: %(link)s", **values_of(about)
    ),
    Kind.DAY_BEFORE: lambda about: _(
        "%(clinic)s: reminder of your visit on %(day)s at %(time)s. Reply 1 to confirm, 2 if you "
        "need to change it.",
        **values_of(about),
    ),
    Kind.HOURS_BEFORE: lambda about: _(
        "%(clinic)s: see you today at %(time)s, %(address)s. Questions: %(phone)s.",
        **values_of(about),
    ),
}

_SUBJECTS: dict[Kind, Sentence] = {
    Kind.CONFIRMATION: lambda about: _("%(clinic)s: your visit on %(day)s", **values_of(about)),
    Kind.MOVED: lambda about: _("%(clinic)s: your visit is now on %(day)s", **values_of(about)),
    Kind.CANCELLATION: lambda about: _(
        "%(clinic)s: your visit on %(day)s is cancelled", **values_of(about)
    ),
    Kind.DAYS_BEFORE: lambda about: _("%(clinic)s: your visit on %(day)s", **values_of(about)),
    Kind.DAY_BEFORE: lambda about: _("%(clinic)s: your visit tomorrow", **values_of(about)),
    Kind.HOURS_BEFORE: lambda about: _("%(clinic)s: your visit today", **values_of(about)),
}

_OPENINGS: dict[Kind, Sentence] = {
    Kind.CONFIRMATION: lambda about: _(
        "your visit is booked for %(day)s at %(time)s.", **values_of(about)
    ),
    Kind.MOVED: lambda about: _("your visit is now on %(day)s at %(time)s.", **values_of(about)),
    Kind.CANCELLATION: lambda about: _(
        "your visit on %(day)s at %(time)s is cancelled.", **values_of(about)
    ),
    Kind.DAYS_BEFORE: lambda about: _(
        "this is a reminder of your visit on %(day)s at %(time)s.", **values_of(about)
    ),
    Kind.DAY_BEFORE: lambda about: _(
        "this is a reminder of your visit on %(day)s at %(time)s.", **values_of(about)
    ),
    Kind.HOURS_BEFORE: lambda about: _("your visit is today at %(time)s.", **values_of(about)),
}


def answers(clinic: str, phone: str) -> dict[str, str]:
    """Return what an inbound text is answered with, by its meaning; all suit whatever was meant."""
    named = {"clinic": clinic, "phone": phone}
    return {
        "confirm": _("%(clinic)s: thank you, see you then.", **named),
        "change": _("%(clinic)s: thank you. We will call you to find another time.", **named),
        "crisis": _(
            "%(clinic)s: we have seen your text and will call you. If you are in danger call 911. Call or "
            "text 988 at any hour, it is free.",
            **named,
        ),
        "help": _("%(clinic)s: call %(phone)s. Reply STOP to end texts.", **named),
        "unclear": _("%(clinic)s: thank you. A person reads this and answers soon.", **named),
    }
