"""What became of each message about a visit, and sending one again by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from flask import abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from booking import clock
from booking.access import Access, access
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.db.versions import lock_row, require_version
from booking.desk.appointments.views import Page, get_appointment_or_404, render_appointment_page
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import messages_version, submitted_version
from booking.desk.forms import MAX_NOTE_LENGTH
from booking.desk.message_words import format_reply_meaning, format_skip_reason
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.messaging.models import InboundMessage, Message
from booking.messaging.rules import MessageStatus
from booking.reminders.message_history import (
    MessageHistory,
    list_appointment_messages,
    read_message_history,
)
from booking.reminders.resending import (
    REASON,
    RESENT_ID,
    ResendProblem,
    ResendRefused,
    find_resend_problem,
    resend_message,
)
from booking.reminders.topics import appointment_topic

LATE = timedelta(
    minutes=5
)  # ticks take seconds, and a provider that asks for a pause a minute or two


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message: what happened to it, each with its instant (None: not known), and if it may go again."""

    history: MessageHistory
    steps: Sequence[tuple[str, datetime | None]]
    reason_resent: str  # why the desk sent it again; empty where it didn't
    problem: ResendProblem | None

    @property
    def message(self) -> Message:
        """The message itself."""
        return self.history.message


def read_message_rows(appointment: Appointment) -> list[MessageRow]:
    """Return a row for each message about a visit, in their order."""
    return [
        MessageRow(
            history,
            list_message_steps(history, appointment, clock.now()),
            str(history.message.details.get(REASON, ""))
            if RESENT_ID in history.message.details
            else "",
            find_resend_problem(appointment, history.message, clock.now()),
        )
        for history in read_message_history(appointment)
    ]


def list_message_steps(
    history: MessageHistory, appointment: Appointment, now: datetime
) -> list[tuple[str, datetime | None]]:
    """Return what happened to a message, in order; what has no instant on record comes last."""
    message = history.message
    instants = [
        (_("Put on record"), message.created_at),
        (_("Planned for"), message.send_at if _is_going(history) else None),
        (_("Sent"), message.sent_at),
        (_("Delivered"), message.delivered_at),
        (_explain_failure(message), message.failed_at),
        (_explain_taken_back(message, appointment), message.retired_at),
        *((_explain_answer(text), text.received_at) for text in history.answers),
    ]
    on_record = [(words, at) for words, at in instants if at is not None]
    return [*sorted(on_record, key=itemgetter(1)), *_list_states(history, now)]


def _is_going(history: MessageHistory) -> bool:
    return history.message.status is MessageStatus.PLANNED and history.stopped is None


def _explain_taken_back(message: Message, appointment: Appointment) -> str:
    """Return that a message isn't to go any more, and, of one about this visit alone, why."""
    if message.topic != appointment_topic(appointment.id):
        return str(_("Taken back"))
    if message.revision < appointment.sequence or appointment.status is Status.CANCELLED:
        return str(_("Taken back, as the visit was moved or cancelled"))
    return str(_("Taken back: nothing asks for it now, by the rules, the address or an answer"))


def _list_states(history: MessageHistory, now: datetime) -> list[tuple[str, None]]:
    """Return how a message stands, where no instant of it is on record."""
    message = history.message
    if history.stopped:
        reason = format_skip_reason(history.stopped)
        return [(_("Won't go as things stand: %(reason)s", reason=reason), None)]
    if message.status is MessageStatus.PLANNED and message.send_at < now - LATE:
        return [(_("Late: it hasn't gone, and goes when sending works again"), None)]
    states = {
        MessageStatus.SKIPPED: _("Not sent: %(reason)s", reason=format_skip_reason(message.reason)),
        MessageStatus.SENDING: _("Being sent"),
    }
    return [(states[message.status], None)] if message.status in states else []


def _explain_answer(text: InboundMessage) -> str:
    return str(_("Answered: %(what)s", what=format_reply_meaning(text.meaning)))


def _explain_failure(message: Message) -> str:
    if message.status is MessageStatus.UNKNOWN:
        return str(_("Interrupted: nobody can say whether it went"))
    return str(_("Failed: error %(code)s", code=message.error_code or "?"))


@blueprint.post("/visits/<int:appointment_id>/messages/<int:message_id>/resend")
@access(Access.STAFF)
def resend_appointment_message(appointment_id: int, message_id: int) -> Page:
    """Send a message again, with a reason that is kept."""
    appointment = get_appointment_or_404(appointment_id)
    messages = {message.id: message for message in list_appointment_messages(appointment)}
    message = messages.get(message_id) or abort(404)
    reason = request.form.get("reason", "").strip()[:MAX_NOTE_LENGTH]
    if not reason:
        return render_appointment_page(appointment, 422, problem=_("Say why it is sent again."))
    try:
        return submit_once(lambda: _resent(appointment, message, reason)).to_response()
    except ResendRefused as refusal:
        problem = explain_resend_problem(refusal.problem)
    except FORM_REFUSALS as refusal:
        problem = explain_refusal(refusal)
    return render_appointment_page(get_appointment_or_404(appointment_id), 422, problem=problem)


def _resent(appointment: Appointment, message: Message, reason: str) -> RedirectWithNotice:
    lock_row(Appointment, appointment.id)
    require_version(messages_version(appointment), submitted_version())
    resend_message(appointment, message, reason, current_user.id, clock.now())
    page = url_for(
        "desk.show_appointment", appointment_id=appointment.id, _anchor="messages-heading"
    )
    return RedirectWithNotice(page, str(_("It goes out again now.")))


def explain_resend_problem(problem: ResendProblem) -> str:
    """Return why a message isn't sent again, and what to do instead."""
    words: dict[ResendProblem, str] = {
        ResendProblem.STARTED: _("The visit has begun: nothing more is sent about it."),
        ResendProblem.PENDING: _("It has yet to go."),
        ResendProblem.UNTRUE: _("The visit is no longer as this message says."),
        ResendProblem.LISTED: _("Messages of this kind are made anew where they come from."),
        ResendProblem.NO_ADDRESS: _(
            "There is no number that agreed to texts, or no e-mail address. Call."
        ),
        ResendProblem.OPTED_OUT: _(
            "This number said STOP: nothing is texted there until its owner texts START, that word alone. "
            "Call instead."
        ),
        ResendProblem.UNSUBSCRIBED: _("Who reads this address stopped reminders by e-mail. Call."),
        ResendProblem.NOT_SAFE: _(
            "It isn't safe to text there: somebody else may read it. Call, or write an e-mail."
        ),
    }
    return str(words[problem])


blueprint.add_app_template_filter(explain_resend_problem)
blueprint.add_app_template_global(read_message_rows)
