"""A page opened by its link speaks the language kept with its person, from its first word on."""

from flask import request

from booking.appointments.contacts import get_language
from booking.appointments.models import Appointment
from booking.appointments.queries import find_by_token
from booking.mood.operations import get_patient_of_form
from booking.mood.queries import find_mood_form
from booking.outages.queries import find_by_choice_token, list_records
from booking.site.blueprint import blueprint
from booking.waitlist.queries import find_offer, get_appointment_of_offer
from booking.web.page_language import prefer_language


@blueprint.before_request
def use_language_on_file() -> None:
    """Prefer the language of whom a link was sent to: of an appointment, an offer, new times or a form."""
    arguments = request.view_args or {}
    appointment = _find_appointment(arguments)
    if appointment is not None:
        prefer_language(get_language(appointment))
    form = find_mood_form(arguments["form_token"]) if "form_token" in arguments else None
    if form is not None:
        prefer_language(get_patient_of_form(form).language)


def _find_appointment(arguments: dict[str, str]) -> Appointment | None:
    if "offer_token" in arguments:
        waitlist_offer = find_offer(arguments["offer_token"])
        return get_appointment_of_offer(waitlist_offer) if waitlist_offer else None
    if "choice_token" in arguments:
        affected = find_by_choice_token(arguments["choice_token"])
        return list_records(affected.id)[0].appointment if affected else None
    return find_by_token(arguments["token"]) if "token" in arguments else None
