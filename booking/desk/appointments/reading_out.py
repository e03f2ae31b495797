"""A reference as it is read out on the phone: letters by the words of the ICAO spelling alphabet."""

from booking.desk.blueprint import blueprint

REFERENCE = "reference"
SPELLING = """
    Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec
    Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu
"""
WORDS = {word[0]: word for word in SPELLING.split()}


def spell_reference(reference: str) -> str:
    """Return "Kilo, 7, Quebec; 4, Mike, X-ray, Whiskey" for "K7Q-4MXW"."""
    parts = (
        ", ".join(WORDS.get(letter, letter) for letter in part) for part in reference.split("-")
    )
    return "; ".join(parts)


def reference_category(reference: str) -> str:
    """Return the category of a notice beside which a reference is shown large and spelled."""
    return f"{REFERENCE}:{reference}"


def read_reference(category: str) -> str:
    """Return the reference that a notice comes with, if any."""
    kind, _colon, reference = category.partition(":")
    return reference if kind == REFERENCE else ""


blueprint.add_app_template_filter(spell_reference)
blueprint.add_app_template_filter(read_reference)
