"""The words that send the links of appointments again, to somebody who has lost them."""

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.messaging.segments import first_that_fits
from booking.reminders.email_texts import email_body
from booking.reminders.series_texts import lines_with_links
from booking.reminders.texts import (
    MessageContext,
    MessageText,
    template_values,
)


def link_text(context: MessageContext) -> str:
    """Say when it is, and give its page."""
    values = template_values(context)
    return first_that_fits(
        _("%(sender)s: your visit is on %(day)s at %(time)s. Its page: %(link)s", **values),
        _link_alone(values),
    )


def links_text(context: MessageContext) -> str:
    """Say how many are booked, and give the page of the next: a text has no room for more."""
    values = template_values(context)
    return first_that_fits(
        ngettext(
            "%(sender)s: you have %(num)d visit, on %(day)s at %(time)s. Its page: %(link)s",
            "%(sender)s: you have %(num)d visits, the next on %(day)s at %(time)s. Its page: %(link)s",
            len(context.appointments),
            **values,
        ),
        _link_alone(values),
    )


def _link_alone(values: dict[str, str]) -> str:
    return str(_("%(sender)s: your visit: %(link)s", **values))


def link_email(context: MessageContext) -> MessageText:
    """Say when it is, and give its page."""
    values = template_values(context)
    opening = _(
        "you asked for the link of your visit on %(day)s at %(time)s:\n\n%(link)s", **values
    )
    return _as_asked(_("%(clinic)s: the link of your visit", **values), opening, context)


def links_email(context: MessageContext) -> MessageText:
    """List those that are booked, each with its page."""
    opening = _("you asked for the links of your visits:") + "\n\n" + lines_with_links(context)
    subject = _("%(clinic)s: the links of your visits", clinic=context.clinic)
    return _as_asked(subject, opening, context)


def _as_asked(subject: str, opening: str, context: MessageContext) -> MessageText:
    closing = _(
        "Whoever has a link can see, move and cancel that visit. Did you not ask for this? Then somebody "
        "else did who knows your name, and nothing was shown to them. Questions: call %(phone)s.",
        **template_values(context),
    )
    return MessageText(subject, email_body(opening, closing, context))
