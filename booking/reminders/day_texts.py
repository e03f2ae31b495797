"""What a reminder by text says of several appointments of one day at one place."""

from babel.lists import format_list
from flask_babel import gettext as _

from booking.languages import locale_of
from booking.messaging.segments import first_that_fits
from booking.reminders.texts import (
    MessageContext,
    format_appointment_time,
    format_clock_time,
    template_values,
)

MAX_TIMES = 3  # named in a text; of more, the first and how many follow


def days_before_text(context: MessageContext) -> str:
    """Say on which day they are, and when."""
    values = _day_values(context)
    return str(
        _("%(sender)s: your visits are on %(day)s at %(time)s. Questions: %(phone)s.", **values)
    )


def day_before_text(context: MessageContext) -> str:
    """Say when they are, and ask for one answer for all; on a shared number one that says for whom."""
    values = _day_values(context)
    if context.asks_readiness:
        return _ready_text(values)
    if context.recipient_name:
        return _named_answer_text(values)
    return first_that_fits(
        _(
            "%(sender)s: reminder of your visits on %(day)s at %(time)s. Reply 1 to confirm, 2 if you "
            "need to change one.",
            **values,
        ),
        _("%(sender)s: visits %(day)s at %(time)s. Reply 1 to confirm, 2 to change.", **values),
        _("%(sender)s: visits %(day)s at %(time)s. Questions: %(phone)s.", **values),
    )


def _named_answer_text(values: dict[str, str]) -> str:
    return first_that_fits(
        _(
            "%(sender)s: visits %(day)s at %(time)s. Reply 1 %(called)s to confirm, 2 %(called)s to "
            "change.",
            **values,
        ),
        _("%(sender)s: visits %(day)s at %(time)s. Questions: %(phone)s.", **values),
    )


def _ready_text(values: dict[str, str]) -> str:
    """Lead to what is asked before an infusion; that comes before how to answer by text."""
    answerable = _(
        "%(sender)s: visits %(day)s at %(time)s. Reply 1 to confirm, 2 to change. Ready? %(link)s",
        **values,
    )
    return first_that_fits(
        *([] if values["called"] else [answerable]),
        _("%(sender)s: visits %(day)s at %(time)s. Are you ready? %(link)s", **values),
        _("%(sender)s: visits %(day)s at %(time)s. Questions: %(phone)s.", **values),
    )


def hours_before_text(context: MessageContext) -> str:
    """Say when and where, as one who is about to leave needs it."""
    values = _day_values(context)
    return first_that_fits(
        _("%(sender)s: see you %(when)s at %(time)s, %(address)s. Questions: %(phone)s.", **values),
        _("%(sender)s: see you %(when)s at %(time)s. Questions: %(phone)s.", **values),
    )


def _day_values(context: MessageContext) -> dict[str, str]:
    """Return what sentences are filled with, `time` with the times: "9:00 AM and 3:00 PM MST"."""
    starts = sorted(listed.starts_at for listed in context.appointments)
    named = starts if len(starts) <= MAX_TIMES else starts[: MAX_TIMES - 1]
    times = [format_clock_time(instant, context) for instant in named[:-1]]
    times.append(format_appointment_time(named[-1], context))
    if len(named) < len(starts):
        times.append(_("%(count)s more", count=len(starts) - len(named)))
    locale = locale_of(context.language)
    return {**template_values(context), "time": format_list(times, locale=locale)}
