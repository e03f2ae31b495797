"""What a text says of one appointment: one part of GSM-7, discreet, and of whom where a number is shared."""

from flask_babel import gettext as _

from booking.messaging.segments import first_that_fits, to_gsm7
from booking.reminders.texts import MessageContext, template_values, text_opening


def sample_reminder(clinic: str) -> str:
    """Return the text that is shown before consent is asked."""
    text: str = _(
        "%(clinic)s: reminder of your visit on Tue, Dec 1 at 10:00 AM MST. Reply 1 to confirm, 2 if you "
        "need to change it.",
        clinic=text_opening(clinic),
    )
    return to_gsm7(text)


def confirmation_text(context: MessageContext) -> str:
    """Say that it is booked."""
    values = template_values(context)
    return first_that_fits(
        _(
            "%(sender)s: your visit is booked for %(day)s at %(time)s. Details: %(link)s "
            "Reply STOP to end texts.",
            **values,
        ),
        _(
            "%(sender)s: visit booked for %(day)s at %(time)s. %(link)s Reply STOP to end texts.",
            **values,
        ),
        _(
            "%(sender)s: your visit is booked for %(day)s at %(time)s. Reply STOP to end texts.",
            **values,
        ),
    )


def moved_text(context: MessageContext) -> str:
    """Say when it is now, and the new place first if it is another."""
    values = template_values(context)
    if context.changes.location:
        news = _("NEW PLACE and NEW TIME") if context.changes.time else _("NEW PLACE")
        return _new_place_text({**values, "news": str(news)})
    return first_that_fits(
        _(
            "%(sender)s: NEW TIME. Your visit is now on %(day)s at %(time)s. Details: %(link)s",
            **values,
        ),
        _(
            "%(sender)s: NEW TIME. Your visit is now on %(day)s at %(time)s. Questions: %(phone)s.",
            **values,
        ),
    )


def _new_place_text(values: dict[str, str]) -> str:
    return first_that_fits(
        _(
            "%(sender)s: %(news)s. Your visit is now at %(address)s, on %(day)s at %(time)s. "
            "Details: %(link)s",
            **values,
        ),
        _("%(sender)s: %(news)s. %(address)s, %(day)s at %(time)s. %(link)s", **values),
        _(
            "%(sender)s: %(news)s. Your visit is now on %(day)s at %(time)s. Address: %(link)s",
            **values,
        ),
        _("%(sender)s: %(news)s: %(day)s at %(time)s. %(link)s", **values),
        _(
            "%(sender)s: %(news)s. Your visit is now on %(day)s at %(time)s. Questions: %(phone)s.",
            **values,
        ),
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
    values = template_values(context)
    return first_that_fits(
        _("%(sender)s: your visit is on %(day)s at %(time)s. Details: %(link)s", **values),
        _("%(sender)s: your visit is on %(day)s at %(time)s. Questions: %(phone)s.", **values),
    )


def day_before_text(context: MessageContext) -> str:
    """Say when it is, and ask for an answer; on a shared number one that says for whom."""
    values = template_values(context)
    if context.asks_readiness:
        return _ready_text(values)
    if context.recipient_name:
        return first_that_fits(
            _(
                "%(sender)s: reminder of your visit on %(day)s at %(time)s. Reply 1 %(called)s to confirm, "
                "2 %(called)s if you need to change it.",
                **values,
            ),
            _(
                "%(sender)s: visit %(day)s at %(time)s. Reply 1 %(called)s to confirm, 2 %(called)s to "
                "change.",
                **values,
            ),
        )
    return str(
        _(
            "%(sender)s: reminder of your visit on %(day)s at %(time)s. Reply 1 to confirm, 2 if you "
            "need to change it.",
            **values,
        )
    )


def _ready_text(values: dict[str, str]) -> str:
    """Lead to what is asked before an infusion; that comes before how to answer by text."""
    if values["called"]:
        return first_that_fits(
            _(
                "%(sender)s: visit %(day)s at %(time)s. Reply 1 %(called)s to confirm, 2 %(called)s to "
                "change. Ready? %(link)s",
                **values,
            ),
            _(
                "%(sender)s: visit %(day)s at %(time)s. 1 %(called)s confirms, 2 %(called)s changes. "
                "Ready? %(link)s",
                **values,
            ),
            _("%(sender)s: visit %(day)s at %(time)s. Are you ready? %(link)s", **values),
            _("%(sender)s: visit %(day)s at %(time)s. Questions: %(phone)s.", **values),
        )
    return first_that_fits(
        _(
            "%(sender)s: visit %(day)s at %(time)s. Reply 1 to confirm, 2 to change. Ready? %(link)s",
            **values,
        ),
        _("%(sender)s: visit %(day)s at %(time)s. Are you ready? %(link)s", **values),
        _("%(sender)s: visit %(day)s at %(time)s. Reply 1 to confirm, 2 to change.", **values),
    )


def hours_before_text(context: MessageContext) -> str:
    """Say when and where, as one who is about to leave needs it."""
    values = template_values(context)
    return first_that_fits(
        _("%(sender)s: see you %(when)s at %(time)s, %(address)s. Questions: %(phone)s.", **values),
        _("%(sender)s: see you %(when)s at %(time)s. Questions: %(phone)s.", **values),
    )


def offer_text(context: MessageContext) -> str:
    """Say which sooner time is kept for them and until when; the clinic's name says where."""
    values = template_values(context)
    return first_that_fits(
        _(
            "%(sender)s: a sooner visit here on %(day)s at %(time)s? Held until %(until)s: %(link)s",
            **values,
        ),
        _("%(sender)s: sooner here, %(day)s %(time)s? Until %(until)s: %(link)s", **values),
        _("%(sender)s: sooner? %(link)s", **values),
    )


def choice_text(context: MessageContext) -> str:
    """Say which visit can't take place, and where new times for it are until when; not why."""
    values = template_values(context)
    return first_that_fits(
        _(
            "%(sender)s: your visit on %(day)s at %(time)s can't take place. New time, by "
            "%(answer_by)s: %(link)s",
            **values,
        ),
        _(
            "%(sender)s: your visit on %(day)s can't take place. New time, by %(answer_by)s: %(link)s",
            **values,
        ),
        _("%(sender)s: please choose a new time: %(link)s", **values),
        _("%(sender)s: new time: %(link)s", **values),
    )


def form_text(context: MessageContext) -> str:
    """Give the link of a form to fill in, and not a word of what it asks."""
    values = template_values(context)
    return first_that_fits(
        _("%(sender)s: a short form for you, it takes two minutes: %(link)s", **values),
        _("%(sender)s: a short form: %(link)s", **values),
        _("%(sender)s: a form: %(link)s", **values),
    )
