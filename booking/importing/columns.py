"""Which column of another system's export says what, known by its heading."""

from collections.abc import Iterable, Mapping

Fields = Mapping[str, tuple[str, ...]]

PATIENT_FIELDS: Fields = {
    "given_name": ("given_name", "first_name", "forename", "legal_first_name"),
    "family_name": ("family_name", "last_name", "surname", "legal_last_name"),
    "name": ("name", "full_name", "attendee_name", "customer_name"),
    "birth_date": ("birth_date", "date_of_birth", "birthdate", "birthday", "dob"),
    "phone": (
        *("mobile_phone", "cell_phone", "mobile", "cell", "phone", "phone_number", "primary_phone"),
        *("mobile_number", "attendee_phone", "attendee_phone_number", "home_phone", "telephone"),
    ),
    "email": ("email", "email_address", "e_mail", "primary_email", "attendee_email"),
    "language": ("language", "preferred_language"),
}
APPOINTMENT_FIELDS: Fields = {
    **PATIENT_FIELDS,
    "date": ("date", "appointment_date", "start_date"),
    "start": (
        "start_time",
        "start",
        "time",
        "appointment_time",
        "date_time",
        "starts_at",
        "start_date_time",
    ),
    "service": ("service", "appointment_type", "event_type", "type", "treatment", "service_name"),
    "location": ("location", "location_name", "clinic", "calendar"),
    "status": ("status", "appointment_status", "state"),
}
OWNERS = ("client_", "patient_", "customer_", "contact_")  # "Client First Name"


class MissingColumns(Exception):
    """A file has no column for what every row needs; the message names it."""


def find_columns(headings: Iterable[str], fields: Fields, required: str) -> dict[str, str]:
    """Return the heading of each field that a file has; of several for one field, the best known.

    Raises `MissingColumns` for one without names or the required field.
    """
    heading_by_key = {_key_of(heading): heading for heading in reversed(list(headings))}
    columns = {
        field: heading_by_key[key]
        for field, keys in fields.items()
        if (key := next((key for key in keys if key in heading_by_key), None))
    }
    if not {"given_name", "family_name"} <= columns.keys() and "name" not in columns:
        raise MissingColumns("there is no column for names, like First Name and Last Name")
    if required not in columns:
        raise MissingColumns(f"there is no column for the {required.replace('_', ' ')}")
    return columns


def _key_of(heading: str) -> str:
    """Return a heading as the fields spell it: "Client: First name" is first_name."""
    letters = (letter if letter.isalnum() else " " for letter in heading.casefold())
    key = "_".join("".join(letters).split())
    owner = next((owner for owner in OWNERS if key.startswith(owner)), "")
    return key.removeprefix(owner)


def split_name(name: str) -> tuple[str, str]:
    """Return given and family name of "Ruiz, Maria" or "Maria Ruiz"; the last word is the family's."""
    if "," in name:
        family_name, _, given_name = name.partition(",")
    else:
        given_name, _, family_name = name.strip().rpartition(" ")
    return given_name.strip(), family_name.strip()
