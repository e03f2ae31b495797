"""What a text says of one appointment: one part of GSM-7, discreet, and of whom where a number is shared."""

from flask_babel import gettext as _

from booking.messaging.segments import to_gsm7
from booking.reminders.texts import MessageContext, template_values


def sample_reminder(clinic: str) -> str:
    """Return the text that is shown before consent is asked."""
    text: str = _(
        "%(clinic)s: reminder of your visit on Tue, Dec 1 at 10:00 AM MST. Reply 1 to confirm, 2 if you "
        "need to change it.",
        clinic=clinic,
    )
    return to_gsm7(text)


def confirmation_text(context: MessageContext) -> str:
    """Say that it is booked."""
    text: str = _(
        "%(sender)s: your visit is booked for %(day)s at %(time)s. Details: %(link)s "
        "Reply STOP to end texts.",
        **template_values(context),
    )
    return text


def moved_text(context: MessageContext) -> str:
    """Say when it is now, and the new place first if it is another."""
    if context.is_location_changed:
        return str(
            _(
                "%(sender)s: NEW PLACE. Your visit is now at %(address)s, on %(day)s at %(time)s. "
                "Details: %(link)s",
                **template_values(context),
            )
        )
    return str(
        _(
            "%(sender)s: NEW TIME. Your visit is now on %(day)s at %(time)s. Details: %(link)s",
            **template_values(context),
        )
    )


def cancellation_text(context: MessageContext) -> str:
    """Say that it is cancelled, and how to book again."""
    text: str = _(
        "%(sender)s: your visit on %(day)s at %(time)s is cancelled. To book again call %(phone)s.",
        **template_values(context),
    )
    return text


def days_before_text(context: MessageContext) -> str:
    """Say when it is."""
    text: str = _(
        "%(sender)s: your visit is on %(day)s at %(time)s. Details: %(link)s",
        **template_values(context),
    )
    return text


def day_before_text(context: MessageContext) -> str:
    """Say when it is, and ask for an answer; on a shared number one that says for whom."""
    if context.recipient_name:
        return str(
            _(
                "%(sender)s: reminder of your visit on %(day)s at %(time)s. Reply 1 %(called)s to confirm, "
                "2 %(called)s if you need to change it.",
                **template_values(context),
            )
        )
    return str(
        _(
            "%(sender)s: reminder of your visit on %(day)s at %(time)s. Reply 1 to confirm, 2 if you "
            "need to change it.",
            **template_values(context),
        )
    )


def hours_before_text(context: MessageContext) -> str:
    """Say when and where, as one who is about to leave needs it."""
    text: str = _(
        "%(sender)s: see you %(when)s at %(time)s, %(address)s. Questions: %(phone)s.",
        **template_values(context),
    )
    return text
