"""Stages and steps of an infusion's day as the desk reads them, with the key of each step."""

from flask_babel import gettext as _

from booking.appointments.day_rules import Stage, TreatmentStep
from booking.desk.blueprint import blueprint

KEYS = {
    TreatmentStep.SEAT: "s",
    TreatmentStep.START: "i",
    TreatmentStep.CHECK: "c",
    TreatmentStep.RECOVER: "r",
    TreatmentStep.READY: "f",
    TreatmentStep.RIDE: "h",
}


def format_treatment_stage(stage: Stage) -> str:
    """Return the word for a stage between check-in and leaving."""
    words: dict[Stage, str] = {
        Stage.WAITING: _("Waiting"),
        Stage.SETUP: _("In chair: setup"),
        Stage.INFUSION: _("In chair: infusion"),
        Stage.RECOVERY: _("Recovering"),
        Stage.READY: _("Ready to leave"),
    }
    return words[stage]


def format_step(step: TreatmentStep) -> str:
    """Return what is recorded by a button."""
    words: dict[TreatmentStep, str] = {
        TreatmentStep.SEAT: _("In chair"),
        TreatmentStep.START: _("Infusion started"),
        TreatmentStep.CHECK: _("Checked"),
        TreatmentStep.RECOVER: _("Infusion ended"),
        TreatmentStep.READY: _("Fit to leave"),
        TreatmentStep.RIDE: _("Has a ride"),
    }
    return words[step]


def format_due(step: TreatmentStep) -> str:
    """Return what is due, as the time follows it."""
    words: dict[TreatmentStep, str] = {
        TreatmentStep.SEAT: _("take to the chair"),
        TreatmentStep.START: _("start"),
        TreatmentStep.CHECK: _("check"),
        TreatmentStep.RECOVER: _("end of infusion"),
        TreatmentStep.READY: _("look whether fit to leave"),
        TreatmentStep.RIDE: _("ask about the ride"),
    }
    return words[step]


def step_key(step: TreatmentStep) -> str:
    """Return the single key of a step, in a row that has the focus."""
    return KEYS[step]


for _word in (format_treatment_stage, format_step, format_due, step_key):
    blueprint.add_app_template_filter(_word)
