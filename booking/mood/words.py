"""The official words of the PHQ-9, in English here and in Spanish ("Spanish for the USA") in the catalogue.

Developed by Drs. Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke and colleagues, with an educational
grant from Pfizer Inc. Nobody rewords them: the scores hold for these words alone.
"""

from flask_babel import lazy_gettext as _l

QUESTION = _l(
    "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
)
ITEMS = (
    _l("Little interest or pleasure in doing things"),
    _l("Feeling down, depressed, or hopeless"),
    _l("Trouble falling or staying asleep, or sleeping too much"),
    _l("Feeling tired or having little energy"),
    _l("Poor appetite or overeating"),
    _l(
        "Feeling bad about yourself – or that you are a failure or have let yourself or your family "
        "down"
    ),
    _l("Trouble concentrating on things, such as reading the newspaper or watching television"),
    _l(
        "Moving or speaking so slowly that other people could have noticed? Or the opposite – being "
        "so fidgety or restless that you have been moving around a lot more than usual"
    ),
    _l("Thoughts that you would be better off dead or of hurting yourself in some way"),
)
CHOICES = (
    _l("Not at all"),
    _l("Several days"),
    _l("More than half the days"),
    _l("Nearly every day"),
)  # 0 to 3
