"""What was typed for a hold that is gone waits in the page shown instead, and fills the next hold's form."""

from flask import request

from booking.appointments.models import Appointment
from booking.calendars import offering
from booking.site.differences import PREFIX
from booking.site.forms import SafetyForm, YouForm
from booking.site.steps import safety_page, you_page
from booking.web.posted import posted_fields

STEP = "resume"  # the hidden field that says which step's form was sent
SAFETY, YOU = "safety", "you"
STEPS = {"site.judge_safety": SAFETY, "site.keep_you": YOU}
OF_THE_HOLD = ("location", "start")


def typed_when_gone() -> list[tuple[str, str]]:
    """Return what the form that was sent holds, to go with the choice of another time; no time itself."""
    step = STEPS.get(request.endpoint or "")
    typed = [(name, text) for name, text in posted_fields() if _is_typed(name)]
    return [(STEP, step), *typed] if step else typed if STEP in request.form else []


def _is_typed(name: str) -> bool:
    return not name.startswith(PREFIX) and name not in OF_THE_HOLD


def resumed_page(held: Appointment) -> str | None:
    """Return the page of the step that was interrupted, filled in; None when none was."""
    step = request.form.get(STEP)
    if step == SAFETY:
        return safety_page(SafetyForm(offering.catalogue().questions), held)
    return you_page(YouForm(), held) if step == YOU else None
