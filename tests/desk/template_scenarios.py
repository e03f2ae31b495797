"""The forms of schedule templates, and what is typed there."""

from flask.testing import FlaskClient

from booking.series import template_operations as templates
from booking.series.templates import Template
from tests.builders import NOW, Clinic
from tests.desk.scenario import Prepare, Scenario
from tests.desk.signed_in import PASSWORD
from tests.series.prescribed import a_template

TEMPLATE = "/desk/templates/recommended"
TEMPLATE_TYPED: dict[str, object] = {
    "name_en": "Softer start", "name_es": "Inicio suave", "talk_therapy_weeks": "2",
    "phases-0-name": "Twice a week", "phases-0-sessions": "8", "phases-0-min_days": "2",
    "phases-0-ideal_min_days": "3", "phases-0-ideal_max_days": "4", "phases-0-max_days": "5",
    "phases-0-setup": "15", "phases-0-infusion": "40", "phases-0-recovery": "30",
    "phases-0-review_every": "4", "phases-0-after_miss": "add_at_end",
}  # fmt: skip


def create_template(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    return Scenario("/desk/templates/new", "/desk/templates/new", TEMPLATE_TYPED)


def save_template_draft(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    a_template()
    weekly = {name.replace("-0-", "-1-"): text for name, text in TEMPLATE_TYPED.items()}
    typed = {**weekly, **TEMPLATE_TYPED, "phases-1-name": "Weekly"}
    return Scenario(f"{TEMPLATE}/edit", f"{TEMPLATE}/edit", typed)


def sign_template(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    content = Template.from_dict(a_template().data)
    templates.save_draft(content, clinic.practitioner.id, NOW, is_new=False)
    typed = {"reason": "Read again", "statement": "All of it is right", "password": PASSWORD}
    return Scenario(f"{TEMPLATE}/draft", f"{TEMPLATE}/draft/sign", typed)


def discard_template_draft(clinic: Clinic, browser: FlaskClient) -> Scenario:
    page = sign_template(clinic, browser).page
    return Scenario(page, f"{page}/discard")


def retire_template(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    a_template()
    return Scenario(f"{TEMPLATE}/retire", f"{TEMPLATE}/retire", {"reason": "Nobody uses it"})


def reinstate_template(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    a_template()
    templates.retire_template("recommended", clinic.practitioner.id, "Nobody uses it", NOW)
    return Scenario(TEMPLATE, f"{TEMPLATE}/reinstate")


TEMPLATE_SCENARIOS: tuple[Prepare, ...] = (
    *(create_template, save_template_draft, sign_template, discard_template_draft),
    *(retire_template, reinstate_template),
)
