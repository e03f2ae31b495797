"""Messages sent and received, as the desk reads them."""

from flask_babel import gettext as _

from booking.desk.blueprint import blueprint
from booking.messaging.models import InboundMessage
from booking.messaging.rules import Channel, MessageStatus, Reason, ReplyMeaning
from booking.reminders.rules import MessageKind


def format_message_status(status: MessageStatus) -> str:
    """Return where a message stands."""
    words: dict[MessageStatus, str] = {
        MessageStatus.PLANNED: _("Planned"),
        MessageStatus.SENDING: _("Being sent"),
        MessageStatus.SENT: _("Sent"),
        MessageStatus.DELIVERED: _("Delivered"),
        MessageStatus.FAILED: _("Failed"),
        MessageStatus.RETIRED: _("Taken back"),
        MessageStatus.SKIPPED: _("Not sent"),
        MessageStatus.UNKNOWN: _("Unknown"),
    }
    return words[status]


def format_skip_reason(reason: str | None) -> str:
    """Return why a message was not sent; a reason without a word of its own stays as it is."""
    words: dict[Reason, str] = {
        Reason.OPTED_OUT: _("the number said STOP"),
        Reason.TOO_LATE: _("too late"),
        Reason.NIGHT: _("it would have come at night"),
        Reason.DUPLICATE: _("it would repeat another"),
        Reason.IMPOSSIBLE: _("the visit can't take place as booked"),
        Reason.NOT_SAFE: _("not safe to text"),
        Reason.NOT_TEXTED: _("the clinic sends no texts to numbers like this one"),
        Reason.ENOUGH: _("reminded enough: once a day, three times in seven days"),
        Reason.TOLD_TOGETHER: _("told with others in one message"),
        Reason.BY_DESK: _("the desk chose not to notify"),
        Reason.UNSUBSCRIBED: _("reminders by e-mail were stopped by its link"),
        Reason.UNTRUE: _("no longer so"),
    }
    return words.get(Reason(reason), "") if reason in set(Reason) else reason or ""


def format_message_kind(kind: MessageKind) -> str:
    """Return what a kind of message is called."""
    words: dict[MessageKind, str] = {
        MessageKind.CONFIRMATION: _("Confirmation, at booking"),
        MessageKind.DAYS_BEFORE: _("Some days before"),
        MessageKind.DAY_BEFORE: _("The day before"),
        MessageKind.HOURS_BEFORE: _("Some hours before"),
        MessageKind.MOVED: _("New time or place"),
        MessageKind.CANCELLATION: _("Cancellation"),
        MessageKind.SCHEDULE: _("Several visits together"),
        MessageKind.LINKS: _("Link, asked for again"),
        MessageKind.OFFER: _("A sooner time"),
        MessageKind.FORM: _("A form to fill in"),
        MessageKind.CHOICE: _("Another time instead of one that is lost"),
    }
    return words[kind]


def format_channel(channel: Channel) -> str:
    """Return how a message travels."""
    words: dict[Channel, str] = {
        Channel.SMS: _("Text"),
        Channel.EMAIL: _("E-mail"),
    }
    return words[channel]


def format_reply_meaning(meaning: ReplyMeaning) -> str:
    """Return what a text that someone sent us was taken to mean."""
    words: dict[ReplyMeaning, str] = {
        ReplyMeaning.CONFIRM: _("confirms"),
        ReplyMeaning.CHANGE: _("wants another time"),
        ReplyMeaning.STOP: _("wants no more texts"),
        ReplyMeaning.START: _("wants texts again"),
        ReplyMeaning.HELP: _("asks for help"),
        ReplyMeaning.CRISIS: _("crisis words"),
        ReplyMeaning.UNCLEAR: _("to be read"),
    }
    return words[meaning]


def format_text(text: InboundMessage) -> str:
    """Return what somebody texted; of pictures and files, which aren't fetched, that they came."""
    note = _describe_media(text.media_count)
    if not (text.body.strip() or note):
        note = str(_("no words"))
    return "\n".join(filter(None, (text.body, note and f"[{note}]")))


def _describe_media(count: int) -> str:
    if count < 2:
        return str(_("a picture or file, not kept here: ask")) if count else ""
    return str(_("%(count)s pictures or files, not kept here: ask", count=count))


for _show in (
    format_message_kind, format_message_status, format_skip_reason, format_channel, format_reply_meaning,
    format_text,
):  # fmt: skip
    blueprint.add_app_template_filter(_show)
