"""Texts as conversations: what came in, what went out, and an answer by text."""

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.form_versions import conversation_version, require_conversation_version
from booking.desk.refusals import FORM_REFUSALS, explain_refusal, explain_stale_version
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.desk.texts.threads import read_conversation, read_inbox
from booking.messaging.conversations import find_text
from booking.messaging.models import InboundMessage
from booking.numbers import parse_number
from booking.reminders import conversations
from booking.reminders.conversations import MAX_REPLY_LENGTH, ReplyProblem, ReplyRefused
from booking.web.worded_forms import WordedForm


class ReplyForm(WordedForm):
    """An answer by text."""

    body = TextAreaField(
        _l("Answer by text"),
        [
            DataRequired(_l("Write the answer.")),
            Length(max=MAX_REPLY_LENGTH, message=_l("Use 320 characters at most.")),
        ],
    )


@blueprint.get("/texts")
@access(Access.STAFF)
def list_texts() -> str:
    """Show the conversations, those with unread texts first; `?before=` turns the page."""
    return _inbox_page()


@blueprint.get("/texts/<int:text_id>")
@access(Access.STAFF)
def show_conversation(text_id: int) -> str:
    """Show the conversation that a text belongs to; what is unread stays so."""
    return _conversation_page(_text_or_404(text_id), ReplyForm(formdata=None))


@blueprint.post("/texts/<int:text_id>/open")
@access(Access.STAFF)
def open_conversation(text_id: int) -> AnyResponse | tuple[str, int]:
    """Mark the texts of a conversation as read, and show it."""
    text = _text_or_404(text_id)

    def produce() -> RedirectWithNotice:
        require_conversation_version(text_id)
        conversations.open_conversation(text, current_user.id, clock.now())
        return RedirectWithNotice(_address(text_id))

    try:
        return submit_once(produce).to_response()
    except FORM_REFUSALS as refusal:
        return _inbox_page(explain_refusal(refusal)), 422


@blueprint.post("/texts/<int:text_id>/reply")
@access(Access.STAFF)
def reply_by_text(text_id: int) -> AnyResponse | tuple[str, int]:
    """Send an answer by text."""
    text, form = _text_or_404(text_id), ReplyForm()
    if not form.validate():
        outdated = explain_stale_version(conversation_version(text.sender))
        return _conversation_page(text, form, outdated), 422
    try:
        return submit_once(lambda: _replied(text, form)).to_response()
    except ReplyRefused as refusal:
        return _conversation_page(text, form, explain_reply_problem(refusal.problem)), 422
    except FORM_REFUSALS as refusal:
        return _conversation_page(text, form, explain_refusal(refusal)), 422


def _replied(text: InboundMessage, form: ReplyForm) -> RedirectWithNotice:
    require_conversation_version(text.id)
    body = (form.body.data or "").strip()
    conversations.reply_by_text(text, body, current_user.id, clock.now())
    return RedirectWithNotice(_address(text.id), str(_("The answer is on its way.")))


def explain_reply_problem(problem: ReplyProblem) -> str:
    """Return why no answer may go by text, and what to do instead."""
    words: dict[ReplyProblem, str] = {
        ReplyProblem.OPTED_OUT: _(
            "This number said STOP: nothing is texted there until its owner texts START, that word alone. "
            "Call instead."
        ),
        ReplyProblem.NOT_SAFE: _(
            "It isn't safe to text there: somebody else may read it. Call, or write an e-mail."
        ),
        ReplyProblem.NOT_TEXTABLE: _("The clinic sends no texts to numbers like this one. Call."),
    }
    return str(words[problem])


def _address(text_id: int) -> str:
    return url_for("desk.show_conversation", text_id=text_id, _anchor="latest")


def _text_or_404(text_id: int) -> InboundMessage:
    return find_text(text_id) or abort(404)


def _inbox_page(problem: str = "") -> str:
    before_id = parse_number(request.args.get("before", ""))
    return render_template(
        "desk/texts/inbox.html",
        inbox=read_inbox(before_id, clock.now()),
        is_first_page=before_id is None,
        zone=last_used_location().zone.key,
        problem=problem,
    )


def _conversation_page(text: InboundMessage, form: ReplyForm, problem: str = "") -> str:
    return render_template(
        "desk/texts/conversation.html",
        text=text,
        conversation=read_conversation(text.sender, clock.now()),
        form=form,
        zone=last_used_location().zone.key,
        problem=problem,
    )


blueprint.add_app_template_filter(explain_reply_problem)
