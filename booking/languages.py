"""The languages we speak, and how dates and numbers are written in each: as in the United States."""

ENGLISH, SPANISH = "en", "es"
LANGUAGES = (ENGLISH, SPANISH)  # of patients' pages and messages
STAFF_LANGUAGES = ("en",)  # of the desk's pages
LOCALES = {"en": "en_US", "es": "es_US"}  # CLDR's; plain "es" is Spain's, with 14:30 and 150,00 US$


def locale_of(language: str) -> str:
    """Return the CLDR locale by whose customs dates, times and money are written in a language."""
    return LOCALES.get(language, language)
