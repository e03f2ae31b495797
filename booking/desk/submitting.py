"""What a form asks is done once: sent again it gets the first answer, and nothing by itself."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from flask import flash, g, redirect
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.db.idempotency import Answer, run_once
from booking.db.transactions import transaction
from booking.desk.appointments.reading_out import reference_category
from booking.desk.blueprint import blueprint
from booking.web.form_keys import new_form_key, submitted_form_key
from booking.web.posted import list_posted_fields

UNDO = "undo"
SCOPE = "desk:{}"  # keys are each member of staff's own


class ResubmissionRequired(Exception):
    """The form is shown again after its sign-in had ended; it was not sent by a person this time."""


@dataclass(frozen=True, slots=True)
class RedirectWithNotice:
    """What was done: where to go on, what to say there, and whose latest change can be undone there.

    `undo_of` is an appointment's id; `reference` is read out to whoever is on the phone.
    """

    to: str
    notice: str = ""
    undo_of: int | None = None
    reference: str = ""

    def to_response(self) -> AnyResponse:
        """Go on, and say what was done."""
        if self.notice:
            flash(self.notice, self._category())
        return redirect(self.to)

    def _category(self) -> str:
        if self.reference:
            return reference_category(self.reference)
        return undo_category(self.undo_of) if self.undo_of else "message"


def undo_category(appointment_id: int) -> str:
    """Return the category of a notice beside which the change of an appointment can be undone."""
    return f"{UNDO}:{appointment_id}"


def parse_undo_category(category: str) -> int | None:
    """Return which appointment's change a notice is about, if it can be undone beside it."""
    kind, _colon, number = category.partition(":")
    return int(number) if kind == UNDO and number.isdecimal() else None


def submit_once(change: Callable[[], RedirectWithNotice]) -> RedirectWithNotice:
    """Make the change that a form asks for, in one transaction with the key of the form.

    Sent twice, as by a double click, it is done once and answered the same. Raises what `change`
    raises, `ResubmissionRequired`, and `IdempotencyKeyReused` when the
    same form comes again with other words.
    """
    if g.get("is_interrupted_form"):
        raise ResubmissionRequired
    form = submitted_form_key()
    if form is None:
        return _make(change)

    def produce() -> Answer:
        return 303, asdict(change())

    scope = SCOPE.format(current_user.id)
    _, data = run_once(scope, form.text, list_posted_fields(), clock.now(), produce)
    return RedirectWithNotice(**data)


@transaction()
def _make(change: Callable[[], RedirectWithNotice]) -> RedirectWithNotice:
    """Make a change that came without a form of ours."""
    return change()


def issue_form_key() -> str:
    """Return a new key for a form of whoever is signed in: what it does is done once."""
    return new_form_key(current_user.id, clock.now())


blueprint.add_app_template_global(issue_form_key)
