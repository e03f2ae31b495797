"""Messages sent and received, as the desk reads them."""

from flask_babel import gettext as _

from booking.desk.blueprint import blueprint
from booking.messaging.rules import Channel, Meaning, Reason, Status


def message_word(status: Status) -> str:
    """Return where a message stands."""
    words: dict[Status, str] = {
        Status.PLANNED: _("Planned"),
        Status.SENDING: _("Being sent"),
        Status.SENT: _("Sent"),
        Status.DELIVERED: _("Delivered"),
        Status.FAILED: _("Failed"),
        Status.RETIRED: _("Taken back"),
        Status.SKIPPED: _("Not sent"),
        Status.UNKNOWN: _("Unknown"),
    }
    return words[status]


def reason_word(reason: str | None) -> str:
    """Return why a message was not sent; a reason without a word of its own stays as it is."""
    words: dict[Reason, str] = {
        Reason.OPTED_OUT: _("the number said STOP"),
        Reason.TOO_LATE: _("too late"),
        Reason.NIGHT: _("it would have come at night"),
        Reason.DUPLICATE: _("it would repeat another"),
        Reason.IMPOSSIBLE: _("the visit can't take place as booked"),
        Reason.NOT_TEXTED: _("the clinic sends no texts to numbers like this one"),
        Reason.ENOUGH: _("reminded enough: once a day, three times in seven days"),
        Reason.UNTRUE: _("no longer so"),
    }
    return words.get(Reason(reason), "") if reason in set(Reason) else reason or ""


def channel_word(channel: Channel) -> str:
    """Return how a message travels."""
    words: dict[Channel, str] = {
        Channel.SMS: _("Text"),
        Channel.EMAIL: _("E-mail"),
    }
    return words[channel]


def meaning_word(meaning: Meaning) -> str:
    """Return what a text that someone sent us was taken to mean."""
    words: dict[Meaning, str] = {
        Meaning.CONFIRM: _("confirms"),
        Meaning.CHANGE: _("wants another time"),
        Meaning.STOP: _("wants no more texts"),
        Meaning.START: _("wants texts again"),
        Meaning.HELP: _("asks for help"),
        Meaning.CRISIS: _("crisis words"),
        Meaning.UNCLEAR: _("to be read"),
    }
    return words[meaning]


for _show in (message_word, reason_word, channel_word, meaning_word):
    blueprint.add_app_template_filter(_show)
