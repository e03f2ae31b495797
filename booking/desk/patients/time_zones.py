"""Where patients live who don't live in their clinic's time zone: what a form offers, in words."""

from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types

from booking.desk.blueprint import blueprint

CLINICS_ZONE = _l("The clinic's")
# Of the zones of the United States and Mexico's greatest, by IANA name
ZONE_WORDS = {
    "America/New_York": _l("Eastern (New York)"),
    "America/Chicago": _l("Central (Chicago)"),
    "America/Denver": _l("Mountain (Denver)"),
    "America/Phoenix": _l("Arizona (Phoenix)"),
    "America/Los_Angeles": _l("Pacific (Los Angeles)"),
    "America/Anchorage": _l("Alaska (Anchorage)"),
    "Pacific/Honolulu": _l("Hawaii (Honolulu)"),
    "America/Mexico_City": _l("Mexico City"),
}


def list_zone_choices() -> list[SelectChoice]:
    """Return what a form offers; empty is the clinic's own."""
    choices = [SelectChoice(name, str(words)) for name, words in ZONE_WORDS.items()]
    return [SelectChoice("", str(CLINICS_ZONE)), *choices]


def format_patient_zone(name: str) -> str:
    """Return a patient's time zone, an IANA name, as staff read it."""
    return str(ZONE_WORDS.get(name, name))


blueprint.add_app_template_filter(format_patient_zone)
