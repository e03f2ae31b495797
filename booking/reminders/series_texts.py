"""The words that tell of several appointments at once: booked, as a series is, moved or cancelled."""

from dataclasses import replace

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.messaging.segments import first_that_fits
from booking.reminders.email_texts import email_body
from booking.reminders.texts import (
    ListedAppointment,
    MessageContext,
    MessageText,
    format_appointment_day,
    format_appointment_time,
    template_values,
)


def booked_list_text(context: MessageContext) -> str:
    """Say how many are booked, and when the first is."""
    count, values = len(context.appointments), template_values(context)
    return first_that_fits(
        ngettext(
            "%(sender)s: %(num)d visit is booked, on %(day)s at %(time)s. Details: %(link)s",
            "%(sender)s: %(num)d visits are booked, the first on %(day)s at %(time)s. Details: %(link)s",
            count,
            **values,
        ),
        ngettext(
            "%(sender)s: %(num)d visit is booked, on %(day)s at %(time)s. Questions: call %(phone)s.",
            "%(sender)s: %(num)d visits are booked, the first on %(day)s at %(time)s. Questions: call "
            "%(phone)s.",
            count,
            **values,
        ),
    )


def moved_list_text(context: MessageContext) -> str:
    """Give all the new times where there is room and the place is the same, else how many and the first."""
    values = {**template_values(context), "news": _news(context), "times": _times(context)}
    count = len(context.appointments)
    briefer = (
        ngettext(
            "%(sender)s: %(news)s for %(num)d visit, on %(day)s at %(time)s. %(link)s",
            "%(sender)s: %(news)s for %(num)d visits, the first on %(day)s at %(time)s. %(link)s",
            count,
            **values,
        ),
        ngettext(
            "%(sender)s: %(news)s for %(num)d visit, on %(day)s at %(time)s. Questions: %(phone)s.",
            "%(sender)s: %(news)s for %(num)d visits, the first on %(day)s at %(time)s. Questions: "
            "%(phone)s.",
            count,
            **values,
        ),
    )
    if context.changes.location:
        return first_that_fits(*briefer)
    every = _("%(sender)s: %(news)s: %(times)s. Details: %(link)s", **values)
    return first_that_fits(every, *briefer)


def _news(context: MessageContext) -> str:
    """Return what is new of visits that were moved together."""
    if not context.changes.location:
        return str(_("NEW TIMES"))
    return str(_("NEW PLACE and NEW TIMES") if context.changes.time else _("NEW PLACE"))


def _times(context: MessageContext) -> str:
    return "; ".join(
        f"{format_appointment_day(listed.starts_at, context)},"
        f" {format_appointment_time(listed.starts_at, context)}"
        for listed in context.appointments
    )


def moved_list_email(context: MessageContext) -> MessageText:
    """List those that were moved, each with its time and place as they are now."""
    values = {**template_values(context), "news": _news(context)}
    subject = _("%(clinic)s: %(news)s of your visits", **values)
    opening = _("%(news)s: these visits were moved, and are now:", **values)
    opening += "\n\n" + lines_with_links(context)
    return MessageText(subject, email_body(opening, _closing(context), context))


def _closing(context: MessageContext) -> str:
    text: str = _(
        "By its link you can see, move or cancel each of them. Questions: call %(phone)s.",
        **template_values(context),
    )
    return text


def cancelled_list_text(context: MessageContext) -> str:
    """Say how many are cancelled, and from when on."""
    text: str = ngettext(
        "%(sender)s: %(num)d visit is cancelled, on %(day)s. Questions: call %(phone)s.",
        "%(sender)s: %(num)d visits are cancelled, from %(day)s on. Questions: call %(phone)s.",
        len(context.appointments),
        **template_values(context),
    )
    return text


def booked_list_email(context: MessageContext) -> MessageText:
    """List those that are booked."""
    subject = ngettext(
        "%(clinic)s: your visit",
        "%(clinic)s: your visits",
        len(context.appointments),
        clinic=context.clinic,
    )
    opening = _("these visits are booked for you:") + "\n\n" + lines_with_links(context)
    closing = _closing(context)
    return MessageText(subject, email_body(opening, closing, context))


def cancelled_list_email(context: MessageContext) -> MessageText:
    """List those that are cancelled."""
    subject = _("%(clinic)s: your visits are cancelled", clinic=context.clinic)
    closing = _("Questions, or to book again: call %(phone)s.", **template_values(context))
    opening = _("these visits are cancelled:") + "\n\n" + _lines(context)
    return MessageText(subject, email_body(opening, closing, context))


def schedule_list_text(context: MessageContext) -> str:
    """Say how many were cancelled and how many are new, and when the first of those is."""
    cancelled, booked = _split(context)
    if not (cancelled.appointments and booked.appointments):
        return cancelled_list_text(context) if cancelled.appointments else booked_list_text(context)
    news = {
        "cancelled": ngettext(
            "%(num)d visit is cancelled",
            "%(num)d visits are cancelled",
            len(cancelled.appointments),
        ),
        "booked": ngettext(
            "%(num)d is new, on %(day)s at %(time)s",
            "%(num)d are new, the first on %(day)s at %(time)s",
            len(booked.appointments),
            **template_values(context),
        ),
    }
    values = {**template_values(context), **news}
    return first_that_fits(
        _("%(sender)s: %(cancelled)s; %(booked)s. Details: %(link)s", **values),
        _("%(sender)s: %(cancelled)s; %(booked)s. Questions: %(phone)s.", **values),
    )


def schedule_list_email(context: MessageContext) -> MessageText:
    """List those that were cancelled, and those that are new."""
    cancelled, booked = _split(context)
    if not (cancelled.appointments and booked.appointments):
        return (
            cancelled_list_email(context) if cancelled.appointments else booked_list_email(context)
        )
    opening = [
        _("these visits are cancelled:"),
        _lines(cancelled),
        _("These are new:"),
        lines_with_links(booked),
        _("Your other visits stay as they are."),
    ]
    subject = _("%(clinic)s: your visits have changed", clinic=context.clinic)
    return MessageText(subject, email_body("\n\n".join(opening), _closing(context), context))


def _split(context: MessageContext) -> tuple[MessageContext, MessageContext]:
    """Return what is said of those that were cancelled, and of those that are booked."""
    cancelled = tuple(listed for listed in context.appointments if listed.is_cancelled)
    booked = tuple(listed for listed in context.appointments if not listed.is_cancelled)
    return replace(context, appointments=cancelled), replace(context, appointments=booked)


def lines_with_links(context: MessageContext) -> str:
    """Return a list of appointments for an e-mail, each with its own page."""
    return "\n".join(
        f"{_line(listed, context)}\n  {listed.link}" for listed in context.appointments
    )


def _lines(context: MessageContext) -> str:
    return "\n".join(_line(listed, context) for listed in context.appointments)


def _line(listed: ListedAppointment, context: MessageContext) -> str:
    day = format_appointment_day(listed.starts_at, context)
    return f"- {day}, {format_appointment_time(listed.starts_at, context)}, {listed.clinic}"
