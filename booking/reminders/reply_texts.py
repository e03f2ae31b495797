"""The words by which a text that someone sent us is answered. Discreet, as all of them."""

from collections.abc import Sequence

from flask_babel import gettext as _

from booking.reminders.texts import text_opening


def reply_texts(
    clinic: str,
    phone: str,
    deadline_text: str,
    recipient_name: str = "",
    options: Sequence[str] = (),
) -> dict[str, str]:
    """Return what an inbound text is answered with, by its meaning; all suit whatever was meant.

    `deadline_text` says when a person has dealt with it. On a shared number `recipient_name` is whose
    appointment was meant, `options` whose might have been ("who").
    """
    parameters = {
        "sender": text_opening(clinic, recipient_name),
        "clinic": clinic,
        "phone": phone,
        "by": deadline_text,
    }
    choices = str(_(" or ")).join(f"1 {option}" for option in options)
    return {
        "confirm": _("%(sender)s: thank you, see you then.", **parameters),
        "change": _(
            "%(sender)s: thank you. We will call you by %(by)s to find another time.", **parameters
        ),
        "crisis": _(
            "%(clinic)s: if you are in danger call 911. Call or text 988 at any hour, it is free. We will "
            "call you by %(by)s.",
            **parameters,
        ),
        "help": _("%(clinic)s: call %(phone)s. Reply STOP to end texts.", **parameters),
        # Not every cry for help is read as one: the number that helps stands here too.
        "unclear": _(
            "%(clinic)s: thank you. A person answers by %(by)s. If you are in danger call 911 or 988.",
            **parameters,
        ),
        "who": _(
            "%(clinic)s: thank you. Whose visit do you mean? Reply %(choices)s to confirm.",
            choices=choices,
            **parameters,
        ),
    }
