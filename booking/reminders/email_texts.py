"""What an e-mail says of one appointment; its subject is read by whoever looks at the screen."""

from flask_babel import gettext as _

from booking.reminders.texts import MessageContext, MessageText, template_values


def confirmation_email(context: MessageContext) -> MessageText:
    """Say that it is booked."""
    values = template_values(context)
    return _with_page(
        _("%(clinic)s: your visit on %(day)s", **values),
        _("your visit is booked for %(day)s at %(time)s.", **values),
        context,
    )


def moved_email(context: MessageContext) -> MessageText:
    """Say when it is now, and the new place first if it is another."""
    values = template_values(context)
    if not context.changes.location:
        return _with_page(
            _("%(clinic)s: NEW TIME, your visit is now on %(day)s", **values),
            _("NEW TIME: your visit is now on %(day)s at %(time)s.", **values),
            context,
        )
    values["news"] = _("NEW PLACE and NEW TIME") if context.changes.time else _("NEW PLACE")
    return _with_page(
        _("%(clinic)s: %(news)s, your visit is now on %(day)s", **values),
        _(
            "%(news)s: your visit is now at %(clinic)s, %(address)s, on %(day)s at %(time)s.",
            **values,
        ),
        context,
    )


def cancellation_email(context: MessageContext) -> MessageText:
    """Say that it is cancelled, and how to book again."""
    values = template_values(context)
    subject = _("%(clinic)s: your visit on %(day)s is cancelled", **values)
    opening = _("your visit on %(day)s at %(time)s is cancelled.", **values)
    closing = _("To book again, call %(phone)s.\nReference: %(reference)s", **values)
    return MessageText(subject, email_body(opening, closing, context))


def days_before_email(context: MessageContext) -> MessageText:
    """Say on which day it is."""
    subject = _("%(clinic)s: your visit on %(day)s", **template_values(context))
    return _with_page(subject, _reminder(context), context)


def day_before_email(context: MessageContext) -> MessageText:
    """Say when it is, as seen from today; before an infusion, ask whether they are ready."""
    opening = _reminder(context)
    if context.asks_readiness:
        values = template_values(context)
        question = _("Are you ready? Please answer three short questions: %(link)s", **values)
        opening = f"{opening}\n\n{question}"
    return _with_page(_near_subject(context), opening, context)


def hours_before_email(context: MessageContext) -> MessageText:
    """Say when it is, as one who is about to leave needs it."""
    opening = _("your visit is %(when)s at %(time)s.", **template_values(context))
    return _with_page(_near_subject(context), opening, context)


def offer_email(context: MessageContext) -> MessageText:
    """Say which sooner time is kept for them, where, and until when."""
    values = template_values(context)
    subject = _("%(clinic)s: a sooner visit on %(day)s?", **values)
    opening = _(
        "a sooner time is free: %(day)s at %(time)s. It is kept for you until %(until)s.", **values
    )
    closing = _(
        "To take it, or to keep your visit as it is: %(link)s\nReference: %(reference)s", **values
    )
    return MessageText(subject, email_body(opening, closing, context))


def choice_email(context: MessageContext) -> MessageText:
    """Say which visit can't take place, and where new times for it are until when; not why."""
    values = template_values(context)
    subject = _("%(clinic)s: a new time for your visit on %(day)s", **values)
    opening = _(
        "we are sorry: your visit on %(day)s at %(time)s can't take place. A new time is held for you. "
        "Please choose by %(answer_by)s: %(link)s",
        **values,
    )
    closing = _(
        "None of the times suits you? Say so there, or call %(phone)s.\nReference: %(reference)s",
        **values,
    )
    return MessageText(subject, email_body(opening, closing, context))


def form_email(context: MessageContext) -> MessageText:
    """Give the link of a form to fill in, and not a word of what it asks."""
    values = template_values(context)
    subject = _("%(clinic)s: a short form for you", **values)
    opening = _("please fill in a short form. It takes about two minutes: %(link)s", **values)
    closing = _("Questions: call %(phone)s.", **values)
    return MessageText(subject, email_body(opening, closing, context))


def email_body(opening: str, closing: str, context: MessageContext) -> str:
    """Return an e-mail's body around what it says."""
    text: str = _(
        "Hello %(name)s,\n\n%(opening)s\n\n%(clinic)s\n%(address)s\n%(phone)s\n\n%(closing)s\n\n"
        "In an emergency call 911. You can call or text 988 at any hour.\n",
        name=context.given_name,
        opening=opening,
        closing=closing,
        **template_values(context),
    )
    return text


def _with_page(subject: str, opening: str, context: MessageContext) -> MessageText:
    """Return an e-mail that ends with how to see, change or cancel the appointment."""
    closing = _(
        "To see, move or cancel it: %(link)s\nQuestions: call %(phone)s.\nReference: %(reference)s",
        **template_values(context),
    )
    return MessageText(subject, email_body(opening, closing, context))


def _near_subject(context: MessageContext) -> str:
    return str(_("%(clinic)s: your visit %(when)s", **template_values(context)))


def _reminder(context: MessageContext) -> str:
    return str(
        _(
            "this is a reminder of your visit on %(day)s at %(time)s.",
            **template_values(context),
        )
    )
