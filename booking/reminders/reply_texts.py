"""The words by which a text that someone sent us is answered. Discreet, as all of them."""

from collections.abc import Sequence

from flask_babel import gettext as _

from booking.reminders.texts import text_opening


def reply_texts(
    clinic: str, phone: str, by: str, called: str = "", asked: Sequence[str] = ()
) -> dict[str, str]:
    """Return what an inbound text is answered with, by its meaning; all suit whatever was meant.

    `by` is when a person has dealt with it, in words. `called` is whose appointment was meant on a shared
    number, `asked` whose might have been ("who").
    """
    named = {"sender": text_opening(clinic, called), "clinic": clinic, "phone": phone, "by": by}
    choices = str(_(" or ")).join(f"1 {one}" for one in asked)
    return {
        "confirm": _("%(sender)s: thank you, see you then.", **named),
        "change": _(
            "%(sender)s: thank you. We will call you by %(by)s to find another time.", **named
        ),
        "crisis": _(
            "%(clinic)s: if you are in danger call 911. Call or text 988 at any hour, it is free. We will "
            "call you by %(by)s.",
            **named,
        ),
        "help": _("%(clinic)s: call %(phone)s. Reply STOP to end texts.", **named),
        # Not every cry for help is read as one: the number that helps stands here too.
        "unclear": _(
            "%(clinic)s: thank you. A person answers by %(by)s. If you are in danger call 911 or 988.",
            **named,
        ),
        "who": _(
            "%(clinic)s: thank you. Whose visit do you mean? Reply %(choices)s to confirm.",
            choices=choices,
            **named,
        ),
    }
