"""The words that tell of several visits at once: booked, as a series is, or cancelled."""

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.messaging.rules import Channel
from booking.reminders.rules import Kind
from booking.reminders.texts import Wording, Words, day_of, letter, time_of, values_of


def list_words(kind: Kind, channel: Channel, about: Wording) -> Words:
    """Return the words that tell that the visits of `about` are booked or cancelled."""
    cancelled = kind is Kind.CANCELLATION
    if channel is Channel.SMS:
        return Words("", _cancelled_text(about) if cancelled else _booked_text(about))
    return _cancelled_letter(about) if cancelled else _booked_letter(about)


def _booked_text(about: Wording) -> str:
    text: str = ngettext(
        "%(sender)s: %(num)d visit is booked, on %(day)s at %(time)s. Details: %(link)s",
        "%(sender)s: %(num)d visits are booked, the first on %(day)s at %(time)s. Details: %(link)s",
        len(about.visits),
        **values_of(about),
    )
    return text


def _cancelled_text(about: Wording) -> str:
    text: str = ngettext(
        "%(sender)s: %(num)d visit is cancelled, on %(day)s. Questions: call %(phone)s.",
        "%(sender)s: %(num)d visits are cancelled, from %(day)s on. Questions: call %(phone)s.",
        len(about.visits),
        **values_of(about),
    )
    return text


def _booked_letter(about: Wording) -> Words:
    subject = ngettext(
        "%(clinic)s: your visit", "%(clinic)s: your visits", len(about.visits), clinic=about.clinic
    )
    closing = _(
        "The page of the first one: %(link)s\nTo change or cancel any of them, call %(phone)s.",
        **values_of(about),
    )
    opening = _("these visits are booked for you:") + "\n\n" + _lines(about)
    return Words(subject, letter(opening, closing, about))


def _cancelled_letter(about: Wording) -> Words:
    subject = _("%(clinic)s: your visits are cancelled", clinic=about.clinic)
    closing = _("Questions, or to book again: call %(phone)s.", **values_of(about))
    opening = _("these visits are cancelled:") + "\n\n" + _lines(about)
    return Words(subject, letter(opening, closing, about))


def _lines(about: Wording) -> str:
    return "\n".join(
        f"- {day_of(starts_at, about)}, {time_of(starts_at, about)}, {clinic}"
        for starts_at, clinic in about.visits
    )
