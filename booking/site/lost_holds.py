"""What was typed for a hold that is gone waits in the page shown instead, and fills the next hold's form."""

from flask import request

from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.site.form_differences import PREFIX
from booking.site.forms import ContactDetailsForm
from booking.site.safety import render_screening_page
from booking.site.screening_form import ScreeningForm
from booking.site.steps import render_contact_page
from booking.web.posted import list_posted_fields

STEP = "resume"  # the hidden field that says which step's form was sent
SAFETY, YOU = "safety", "you"
STEPS = {"site.submit_screening": SAFETY, "site.submit_contact": YOU}
OF_THE_HOLD = ("location", "start")


def list_typed_fields() -> list[tuple[str, str]]:
    """Return what the form that was sent holds, to go with the choice of another time; no time itself."""
    step = STEPS.get(request.endpoint or "")
    fields = [(name, text) for name, text in list_posted_fields() if _is_typed(name)]
    return [(STEP, step), *fields] if step else fields if STEP in request.form else []


def _is_typed(name: str) -> bool:
    return not name.startswith(PREFIX) and name not in OF_THE_HOLD


def resume_page(hold: Appointment) -> str | None:
    """Return the page of the step that was interrupted, filled in; None when none was."""
    step = request.form.get(STEP)
    if step == SAFETY:
        return render_screening_page(
            ScreeningForm(availability.current_catalogue().questions), hold
        )
    return render_contact_page(ContactDetailsForm(), hold) if step == YOU else None
