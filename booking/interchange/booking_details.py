"""What a program tells us in order to book, the same whichever way it is put."""

from flask_babel import get_locale

from booking.appointments.booking import BookingDetails
from booking.interchange.schemas import AppointmentBody
from booking.patients.rules import Contact
from booking.screening.operations import ScreeningAnswers
from booking.web.consent import consent_wording
from booking.web.limits import count_request

STOPS_ALLOWED = "10 per hour"  # bookings of one address that answers stopped: each asks for a call


def parse_details(body: AppointmentBody) -> BookingDetails:
    """Return whom a booking is for and what they answered, in the language of the request."""
    patient, language = body.patient, str(get_locale())
    return BookingDetails(
        Contact(patient.given_name, patient.family_name, patient.phone, patient.email, language),
        ScreeningAnswers(
            body.screening.version, body.screening.answers, patient.birth_date, language
        ),
        body.sms_consent,
        consent_wording(),
    )


def count_stop() -> None:
    """Count a booking that answers stopped; raise `TooManyRequests` beyond what an address may."""
    count_request(STOPS_ALLOWED, "stops")
