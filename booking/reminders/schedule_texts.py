"""The words that tell of a series what was cancelled, moved and booked at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.messaging.segments import first_that_fits
from booking.reminders.email_texts import email_body
from booking.reminders.series_texts import (
    booked_list_email,
    booked_list_text,
    cancelled_list_email,
    cancelled_list_text,
    format_lines,
    lines_with_links,
    list_closing,
    moved_list_email,
    moved_list_text,
    name_news,
)
from booking.reminders.texts import ListedAppointment, MessageContext, MessageText, template_values


@dataclass(frozen=True, slots=True)
class ListWords:
    """What tells of several appointments of one kind."""

    text: Callable[[MessageContext], str]
    email: Callable[[MessageContext], MessageText]


CANCELLED = ListWords(cancelled_list_text, cancelled_list_email)
MOVED = ListWords(moved_list_text, moved_list_email)
BOOKED = ListWords(booked_list_text, booked_list_email)


@dataclass(frozen=True, slots=True)
class ScheduleNews:
    """What is said of the appointments that were cancelled, moved and booked; None where there are none."""

    cancelled: MessageContext | None
    moved: MessageContext | None
    booked: MessageContext | None


def _split(context: MessageContext) -> ScheduleNews:
    def those(is_meant: Callable[[ListedAppointment], bool]) -> MessageContext | None:
        listed = tuple(filter(is_meant, context.appointments))
        if not listed:
            return None
        return replace(context, appointments=listed, starts_at=listed[0].starts_at)

    return ScheduleNews(
        those(lambda each: each.is_cancelled),
        those(lambda each: each.is_moved and not each.is_cancelled),
        those(lambda each: not (each.is_moved or each.is_cancelled)),
    )


def _of_one_kind(news: ScheduleNews) -> ListWords | None:
    """Return the words where all that is left to tell is of one kind."""
    words = [
        each_words
        for each_words, context in (
            (CANCELLED, news.cancelled),
            (MOVED, news.moved),
            (BOOKED, news.booked),
        )
        if context is not None
    ]
    return words[0] if len(words) == 1 else None


def schedule_list_text(context: MessageContext) -> str:
    """Say how many were cancelled, moved and are new, with the first days as far as there is room."""
    news = _split(context)
    if (words := _of_one_kind(news)) is not None:
        return words.text(context)
    values = template_values(context)
    full, shorter, brief = (_count_all(news, *dated) for dated in ((True, True), (False, True), ()))
    return first_that_fits(
        *(
            _("%(sender)s: %(changes)s. Details: %(link)s", changes=changes, **values)
            for changes in (full, shorter, brief)
        ),
        _("%(sender)s: %(changes)s. Questions: %(phone)s.", changes=shorter, **values),
        _("%(sender)s: %(changes)s. Questions: %(phone)s.", changes=brief, **values),
    )


def _count_all(news: ScheduleNews, is_move_dated: bool = False, is_new_dated: bool = False) -> str:
    """Return how many were cancelled, moved and are new; of those dated, when the first is."""
    parts = [
        _count_cancelled(news.cancelled) if news.cancelled else "",
        _count_moved(news.moved, is_dated=is_move_dated) if news.moved else "",
        _count_new(news.booked, is_dated=is_new_dated) if news.booked else "",
    ]
    return "; ".join(filter(None, parts))


def _count_cancelled(context: MessageContext) -> str:
    text: str = ngettext(
        "%(num)d visit is cancelled", "%(num)d visits are cancelled", len(context.appointments)
    )
    return text


def _count_moved(context: MessageContext, *, is_dated: bool) -> str:
    values, count = (
        {**template_values(context), "news": name_news(context)},
        len(context.appointments),
    )
    if is_dated:
        return str(
            ngettext(
                "%(news)s for %(num)d visit, on %(day)s at %(time)s",
                "%(news)s for %(num)d visits, the first on %(day)s at %(time)s",
                count,
                **values,
            )
        )
    return str(
        ngettext("%(news)s for %(num)d visit", "%(news)s for %(num)d visits", count, **values)
    )


def _count_new(context: MessageContext, *, is_dated: bool) -> str:
    values, count = template_values(context), len(context.appointments)
    if is_dated:
        return str(
            ngettext(
                "%(num)d is new, on %(day)s at %(time)s",
                "%(num)d are new, the first on %(day)s at %(time)s",
                count,
                **values,
            )
        )
    return str(ngettext("%(num)d is new", "%(num)d are new", count, **values))


def schedule_list_email(context: MessageContext) -> MessageText:
    """List those that were cancelled, those that were moved, as they are now, and those that are new."""
    news = _split(context)
    if (words := _of_one_kind(news)) is not None:
        return words.email(context)
    opening = []
    if news.cancelled:
        opening += [_("these visits are cancelled:"), format_lines(news.cancelled)]
    if news.moved:
        values = {"news": name_news(news.moved)}
        opening.append(_("%(news)s: these visits were moved, and are now:", **values))
        opening.append(lines_with_links(news.moved))
    if news.booked:
        opening += [_("These are new:"), lines_with_links(news.booked)]
    opening.append(_("Your other visits stay as they are."))
    subject = _("%(clinic)s: your visits have changed", clinic=context.clinic)
    return MessageText(subject, email_body("\n\n".join(opening), list_closing(context), context))
