"""What a practitioner types about a series' spacing: the rule, and what is decided on a proposal."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Optional

from booking.adaptive.rules import InvalidRule, SpacingRule
from booking.desk.date_fields import DayField
from booking.desk.forms import ReasonForm
from booking.desk.series.change_forms import ChangeForm
from booking.desk.series.change_words import format_frequency
from booking.desk.series.phase_form import BoundedIntegerField
from booking.mood.rules import LARGEST_SCORE
from booking.series.frequencies import FREQUENCIES

# Suggested; a practitioner's own numbers count (docs/adaptive-spacing.md).
SUGGESTED = {"steps": list(FREQUENCIES), "good_score": 5, "good_fall": 12, "worse_rise": 4}


class SpacingRuleForm(ReasonForm):
    """Which spacings there are, and which scores lead from one to the next."""

    steps = SelectMultipleField(
        _l("Spacings to choose from"),
        [InputRequired(_l("Choose two at least."))],
        coerce=int,
        choices=[],
    )
    good_score = BoundedIntegerField(
        _l("A score is good at so many points or less"),
        0,
        LARGEST_SCORE,
        InputRequired(_l("Enter a number.")),
    )
    good_fall = BoundedIntegerField(
        _l("or so many points below the first score"),
        1,
        LARGEST_SCORE,
        Optional(),
        description=_l("Empty: only the points above count."),
    )
    worse_rise = BoundedIntegerField(
        _l("A score is worse so many points above the lowest of the six before"),
        1,
        LARGEST_SCORE,
        InputRequired(_l("Enter a number.")),
    )

    def set_choices(self) -> "SpacingRuleForm":
        """Offer every frequency as a step; return the form."""
        self.steps.choices = [
            SelectChoice(str(days), format_frequency(days)) for days in FREQUENCIES
        ]
        return self

    def validated_rule(self) -> SpacingRule | None:
        """Return the rule, or None with what is wrong at its field."""
        if not self.validate():
            return None
        good_score, worse_rise = self.good_score.data, self.worse_rise.data
        if good_score is None or worse_rise is None:
            return None
        try:
            steps = tuple(sorted(self.steps.data or ()))
            return SpacingRule(steps, good_score, self.good_fall.data, worse_rise)
        except InvalidRule as error:
            field = self[error.field]
            field.errors = [_("Choose two at least.")]
            return None


class SpacingDecisionForm(ChangeForm):
    """From which day the proposed spacing would count, and why it is applied or declined."""

    FIELDS = ("first_day",)
    first_day = DayField(
        _l("From which day on"),
        [InputRequired(_l("Enter a day."))],
        description=_l("Visits before it stay as they are."),
    )

    @property
    def chosen_day(self) -> date:
        """The day, once it is right."""
        return self.first_day.data or date.max
