"""The words that tell of several appointments at once: booked, as a series is, or cancelled."""

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.messaging.segments import first_that_fits
from booking.reminders.email_texts import email_body
from booking.reminders.texts import (
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
    closing = _(
        "The page of the first one: %(link)s\nTo change or cancel any of them, call %(phone)s.",
        **template_values(context),
    )
    opening = _("these visits are booked for you:") + "\n\n" + _lines(context)
    return MessageText(subject, email_body(opening, closing, context))


def cancelled_list_email(context: MessageContext) -> MessageText:
    """List those that are cancelled."""
    subject = _("%(clinic)s: your visits are cancelled", clinic=context.clinic)
    closing = _("Questions, or to book again: call %(phone)s.", **template_values(context))
    opening = _("these visits are cancelled:") + "\n\n" + _lines(context)
    return MessageText(subject, email_body(opening, closing, context))


def _lines(context: MessageContext) -> str:
    return "\n".join(
        f"- {format_appointment_day(listed.starts_at, context)},"
        f" {format_appointment_time(listed.starts_at, context)}, {listed.clinic}"
        for listed in context.appointments
    )
