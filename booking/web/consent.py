"""The words in which consent to texts is asked; kept with each answer."""

from flask_babel import gettext as _


def consent_wording() -> str:
    """Return the question, as it is shown and kept."""
    wording: str = _(
        "Text me reminders about my visits at this number. About one to three texts a visit; message "
        "and data rates may apply. Reply STOP to end them at any time, HELP for help."
    )
    return wording
