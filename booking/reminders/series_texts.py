"""The words that tell of several appointments at once: booked, as a series is, moved or cancelled."""

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
    values = {**template_values(context), "news": name_news(context), "times": _times(context)}
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


def name_news(context: MessageContext) -> str:
    """Return what is new of visits that were moved together: their times, their place, or both."""
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
    values = {**template_values(context), "news": name_news(context)}
    subject = _("%(clinic)s: %(news)s of your visits", **values)
    opening = _("%(news)s: these visits were moved, and are now:", **values)
    opening += "\n\n" + lines_with_links(context)
    return MessageText(subject, email_body(opening, list_closing(context), context))


def list_closing(context: MessageContext) -> str:
    """Say what the links of a list are for, and whom to call."""
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
    closing = list_closing(context)
    return MessageText(subject, email_body(opening, closing, context))


def cancelled_list_email(context: MessageContext) -> MessageText:
    """List those that are cancelled."""
    subject = _("%(clinic)s: your visits are cancelled", clinic=context.clinic)
    closing = _("Questions, or to book again: call %(phone)s.", **template_values(context))
    opening = _("these visits are cancelled:") + "\n\n" + format_lines(context)
    return MessageText(subject, email_body(opening, closing, context))


def lines_with_links(context: MessageContext) -> str:
    """Return a list of appointments for an e-mail, each with its own page."""
    return "\n".join(
        f"{_line(listed, context)}\n  {listed.link}" for listed in context.appointments
    )


def format_lines(context: MessageContext) -> str:
    """Return a list of appointments for an e-mail."""
    return "\n".join(_line(listed, context) for listed in context.appointments)


def _line(listed: ListedAppointment, context: MessageContext) -> str:
    day = format_appointment_day(listed.starts_at, context)
    return f"- {day}, {format_appointment_time(listed.starts_at, context)}, {listed.clinic}"
