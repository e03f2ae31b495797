"""Conversations by text as pages show them: who is reached at a number, and what went each way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.messaging import conversations
from booking.messaging.models import InboundMessage, Message
from booking.patients.models import Patient
from booking.reminders.conversations import ReplyProblem, find_reply_problem, list_patients_at
from booking.reminders.persons import patients_by_phone

PAGE_SIZE = 30  # conversations
MAX_TEXTS = 100  # each way


@dataclass(frozen=True, slots=True)
class ConversationLine:
    """A conversation in the list: its latest text, how many are unread, and whose number it is."""

    text: InboundMessage
    unread_count: int
    patients: Sequence[Patient]


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of conversations; `older_before` begins the next, where there are more."""

    lines: Sequence[ConversationLine]
    older_before: int | None


@dataclass(frozen=True, slots=True)
class TextLine:
    """One text of a conversation, and when; `message` is one of ours, `text` one of theirs."""

    at: datetime
    text: InboundMessage | None = None
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """What went between us and a number, the oldest first; `problem`: why no answer by text may go."""

    phone: str
    patients: Sequence[Patient]
    lines: Sequence[TextLine]
    is_cut: bool
    unread_count: int
    problem: ReplyProblem | None


def read_inbox(before_id: int | None, now: datetime) -> Inbox:
    """Return a page of conversations, those with unread texts first."""
    summaries = conversations.list_conversations(PAGE_SIZE + 1, before_id)
    page = summaries[:PAGE_SIZE]
    patients = patients_by_phone({each.latest.sender for each in page}, now)
    lines = [
        ConversationLine(each.latest, each.unread_count, patients[each.latest.sender])
        for each in page
    ]
    has_more = len(summaries) > PAGE_SIZE
    return Inbox(lines, page[-1].latest.id if has_more else None)


def read_conversation(phone: str, now: datetime) -> Conversation:
    """Return the latest texts from and to a number."""
    texts = conversations.list_texts_from(phone, MAX_TEXTS)
    messages = conversations.list_texts_to(phone, MAX_TEXTS)
    lines = [TextLine(text.received_at, text=text) for text in reversed(texts)]
    lines += [TextLine(_sent_at(message), message=message) for message in reversed(messages)]
    return Conversation(
        phone,
        list_patients_at(phone, now),
        sorted(lines, key=lambda line: line.at),
        max(len(texts), len(messages)) == MAX_TEXTS,
        sum(text.read_at is None for text in texts),
        find_reply_problem(phone, now),
    )


def _sent_at(message: Message) -> datetime:
    return message.sent_at or message.send_at
