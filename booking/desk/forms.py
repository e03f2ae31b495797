"""What staff type and choose at the desk, checked field by field."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from booking.appointments.rules import Outcome, outcomes_for
from booking.desk.words import finding_word, outcome_word
from booking.screening.rules import Finding

LONGEST_NOTE = 1000
BY_PATIENT, BY_CLINIC = "patient", "clinic"


class OutcomeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What became of a visit that took place."""

    outcome = SelectField(
        _l("Outcome"),
        [InputRequired(_l("Choose what became of the visit."))],
        choices=[],
    )

    def offer(self, *, is_infusion: bool) -> "OutcomeForm":
        """Offer the outcomes that this kind of visit can have; return the form."""
        self.outcome.choices = [("", _l("Choose…"))]
        self.outcome.choices += [(o.value, outcome_word(o)) for o in outcomes_for(is_infusion)]
        return self

    @property
    def chosen(self) -> Outcome:
        """The outcome chosen, once the form is valid."""
        return Outcome(self.outcome.data)


class CancelForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Whose wish it is, and why."""

    who = RadioField(
        _l("Who cancels?"),
        [InputRequired(_l("Choose who cancels."))],
        choices=[
            SelectChoice(BY_PATIENT, _l("The patient")),
            SelectChoice(BY_CLINIC, _l("The clinic")),
        ],
    )
    reason = StringField(
        _l("Reason"),
        [
            Optional(),
            Length(max=LONGEST_NOTE, message=_l("Use 1,000 characters at most.")),
        ],
    )


class TimeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A time chosen among the free ones, and a reason where a rule asks for it."""

    start = StringField(_l("Time"), [InputRequired(_l("Choose a time."))])
    reason = StringField(
        _l("Reason for going against the rule"),
        [
            Optional(),
            Length(max=LONGEST_NOTE, message=_l("Use 1,000 characters at most.")),
        ],
    )


class ReasonForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Why something is done that can't be undone."""

    reason = StringField(
        _l("Reason"),
        [
            DataRequired(_l("Enter a reason.")),
            Length(max=LONGEST_NOTE, message=_l("Use 1,000 characters at most.")),
        ],
    )


class FindingForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A practitioner's finding after the consultation."""

    finding = RadioField(_l("Finding"), [InputRequired(_l("Choose a finding."))], choices=[])
    valid_until = DateField(
        _l("Valid until"),
        [Optional()],
        description=_l("The last day on which an infusion may be given; empty: until changed."),
    )
    note = TextAreaField(
        _l("Note"),
        [
            Optional(),
            Length(max=LONGEST_NOTE, message=_l("Use 1,000 characters at most.")),
        ],
    )

    def offer(self) -> "FindingForm":
        """Offer every finding, in words; return the form."""
        self.finding.choices = [(finding.value, finding_word(finding)) for finding in Finding]
        return self


class TaskForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What came of a task."""

    note = StringField(
        _l("What came of it"),
        [
            DataRequired(_l("Write in a few words what came of it.")),
            Length(max=LONGEST_NOTE, message=_l("Use 1,000 characters at most.")),
        ],
    )
