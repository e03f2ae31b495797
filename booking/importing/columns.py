"""The fields of an export by the headings that booking systems give their columns, spelt as keys."""

from collections.abc import Mapping

Fields = Mapping[str, tuple[str, ...]]

# "Client First Name" is surer than "First Name", which may be a colleague's.
OWNERS = ("client_", "patient_", "customer_", "invitee_", "attendee_", "contact_", "")
# How headings say that something was done: "Is Archived", "Cancelled at", "Canceled By".
DEEDS = ("{}", "is_{}", "was_{}", "marked_as_{}", "date_{}", "{}_at", "{}_on", "{}_date", "{}_time")
AUTHORS = ("{}_by", "{}_reason")


def _of_person(*keys: str) -> tuple[str, ...]:
    return tuple(f"{owner}{key}" for key in keys for owner in OWNERS)


def _deeds(*keys: str) -> tuple[str, ...]:
    return tuple(form.format(key) for key in keys for form in (*DEEDS, *AUTHORS))


PERSON_FIELDS: Fields = {
    "given_name": _of_person("given_name", "first_name", "forename", "legal_first_name"),
    "family_name": _of_person("family_name", "last_name", "surname", "legal_last_name"),
    "name": (
        *_of_person("full_name", "name"),
        *("client", "patient", "customer", "invitee", "attendee"),
    ),
    "birth_date": _of_person("birth_date", "date_of_birth", "birthdate", "birthday", "dob"),
    "phone": _of_person(
        *("mobile_phone", "cell_phone", "mobile", "cell", "mobile_number", "mobile_phone_number"),
        *("phone", "phone_number", "primary_phone", "text_reminder_number"),
        *("home_phone", "home_phone_number", "telephone"),
    ),
    "phone_numbers": _of_person("phone_numbers", "phones"),
    "email": _of_person("email", "email_address", "e_mail", "primary_email"),
    "language": _of_person("language", "preferred_language"),
}
PATIENT_FIELDS: Fields = {
    **PERSON_FIELDS,
    "deceased": _of_person(*_deeds("deceased"), "date_of_death", "death_date"),
    "archived": _of_person(*_deeds("archived", "deleted")),
    "banned": _of_person(*_deeds("banned", "blocked")),
    "status": _of_person("status"),
}
APPOINTMENT_FIELDS: Fields = {
    **PERSON_FIELDS,
    "date": ("date", "appointment_date", "start_date", "date_of_service", "service_date"),
    "start": (
        *("start_time", "start", "time", "appointment_time", "date_time", "starts_at", "start_at"),
        *("start_date_time", "start_datetime", "appointment_start", "appointment_start_time"),
        *("appointment_date_time", "appointment_datetime", "datetime", "date_and_time"),
    ),
    "service": (
        *("service", "appointment_type", "event_type", "event_type_name", "visit_type", "type"),
        *("treatment", "service_name", "appointment_type_name"),
    ),
    "location": ("location", "location_name", "clinic", "business", "business_name"),
    "calendar": ("calendar", "calendar_name"),
    "status": ("appointment_status", "booking_status", "visit_status", "status", "state"),
    "cancelled": (
        *_deeds("canceled", "cancelled", "cancellation", "no_show", "noshow", "missed"),
        *_deeds("did_not_arrive", "did_not_attend", "dna", "declined", "rejected"),
        *_deeds("archived", "deleted"),
        *("cancel_date", "cancel_reason"),
    ),
}
ADDRESS = frozenset({"city", "zip", "zip_code", "postal", "postal_code", "postcode", "country"})
