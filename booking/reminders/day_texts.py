"""What a reminder by text says of several appointments of one day, at one place or several."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from babel.lists import format_list
from flask_babel import gettext as _

from booking.languages import locale_of
from booking.messaging.segments import first_that_fits
from booking.reminders.texts import (
    ListedAppointment,
    MessageContext,
    format_appointment_time,
    format_clock_time,
    template_values,
    text_opening,
)

MAX_TIMES = 3  # named in a text; of more, the first and how many follow
MAX_PLACES = 2  # times that are named with their places, in the same way

Wordings = Callable[[dict[str, str]], Sequence[str]]


def days_before_text(context: MessageContext) -> str:
    """Say on which day they are, and when."""
    return _fit(
        context,
        lambda values: [
            _(
                "%(sender)s: your visits are on %(day)s at %(time)s. Questions: %(phone)s.",
                **values,
            ),
            _word_contact(values),
        ],
    )


def day_before_text(context: MessageContext) -> str:
    """Say when they are, and ask for one answer for all; on a shared number one that says for whom."""
    if context.asks_readiness:
        return _fit(context, _word_question)
    return _fit(context, _word_named_answer if context.recipient_name else _word_answer)


def _word_answer(values: dict[str, str]) -> list[str]:
    return [
        _(
            "%(sender)s: reminder of your visits on %(day)s at %(time)s. Reply 1 to confirm, 2 if you "
            "need to change one.",
            **values,
        ),
        _("%(sender)s: visits %(day)s at %(time)s. Reply 1 to confirm, 2 to change.", **values),
        _word_contact(values),
    ]


def _word_named_answer(values: dict[str, str]) -> list[str]:
    return [
        _(
            "%(sender)s: visits %(day)s at %(time)s. Reply 1 %(called)s to confirm, 2 %(called)s to "
            "change.",
            **values,
        ),
        _word_contact(values),
    ]


def _word_question(values: dict[str, str]) -> list[str]:
    """Lead to what is asked before an infusion; that comes before how to answer by text."""
    answerable = _(
        "%(sender)s: visits %(day)s at %(time)s. Reply 1 to confirm, 2 to change. Ready? %(link)s",
        **values,
    )
    return [
        *([] if values["called"] else [answerable]),
        _("%(sender)s: visits %(day)s at %(time)s. Are you ready? %(link)s", **values),
        _("%(sender)s: %(day)s, %(time)s. Ready? %(link)s", **values),
    ]


def hours_before_text(context: MessageContext) -> str:
    """Say when and where, as one who is about to leave needs it."""
    if _are_places_several(context):
        return _fit(context, _word_start)
    return _fit(
        context,
        lambda values: [
            _(
                "%(sender)s: see you %(when)s at %(time)s, %(address)s. Questions: %(phone)s.",
                **values,
            ),
            *_word_start(values),
        ],
    )


def _word_start(values: dict[str, str]) -> list[str]:
    return [_("%(sender)s: see you %(when)s at %(time)s. Questions: %(phone)s.", **values)]


def _fit(context: MessageContext, word: Wordings) -> str:
    """Return the first wording that goes as one part: where no room is for all places, of the first alone."""
    listed = sorted(context.appointments, key=lambda each: each.starts_at)
    locale = locale_of(context.language)
    values = [
        {**template_values(context), "time": format_list(times, locale=locale)}
        for times in _list_wordings_of_times(listed, context)
    ]
    texts = [text for each in values for text in word(each)]
    return first_that_fits(*texts, *map(_word_contact, values))


def _word_contact(values: dict[str, str]) -> str:
    return str(_("%(sender)s: visits %(day)s at %(time)s. Questions: %(phone)s.", **values))


def _list_wordings_of_times(
    listed: Sequence[ListedAppointment], context: MessageContext
) -> list[list[str]]:
    """Return the times to be named, in as many words as there may be room for, and in fewer."""
    if not _are_places_several(context):
        return [_name_times(listed, context)]
    own = [each for each in listed if each.starts_at == context.starts_at]  # its page is linked
    return [_name_places(named, len(listed), context) for named in (listed[:MAX_PLACES], own[:1])]


def _are_places_several(context: MessageContext) -> bool:
    return len({each.clinic for each in context.appointments}) > 1


def _name_times(listed: Sequence[ListedAppointment], context: MessageContext) -> list[str]:
    """Return times at one place: "9:00 AM" and "3:00 PM MST"."""
    named = listed if len(listed) <= MAX_TIMES else listed[: MAX_TIMES - 1]
    times = [format_clock_time(each.starts_at, context) for each in named[:-1]]
    times.append(format_appointment_time(named[-1].starts_at, context))
    return times + _count_more(len(listed) - len(named))


def _name_places(
    listed: Sequence[ListedAppointment], count: int, context: MessageContext
) -> list[str]:
    """Return times with their places, of `count`: "9:00 AM MST (Ahwatukee Clinic)" and "1 more"."""
    times = [f"{_format_own_time(each, context)} ({text_opening(each.clinic)})" for each in listed]
    return times + _count_more(count - len(times))


def _format_own_time(listed: ListedAppointment, context: MessageContext) -> str:
    own_context = replace(context, zone=listed.zone or context.zone)
    return format_appointment_time(listed.starts_at, own_context)


def _count_more(count: int) -> list[str]:
    return [_("%(count)s more", count=count)] if count > 0 else []
