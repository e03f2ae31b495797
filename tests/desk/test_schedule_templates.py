"""Templates at the desk: looked at by all, edited, signed and retired by practitioners."""

import re

import pytest
from flask.testing import FlaskClient

from booking.series import template_operations as templates
from booking.series.queries import list_templates
from booking.series.template_queries import find_draft
from tests.builders import NOW, Clinic
from tests.desk.page_forms import form_on, send
from tests.desk.signed_in import PASSWORD
from tests.desk.template_scenarios import TEMPLATE, TEMPLATE_TYPED
from tests.series.prescribed import a_series, a_template

LIST = "/desk/templates"
FIELD = re.compile(r'name="(phases-\d-name)" value="([^"]*)"')


def names(text: str) -> list[str]:
    return [name for _, name in sorted(FIELD.findall(text))]


def edited(**changed: str) -> dict[str, object]:
    return {**TEMPLATE_TYPED, **{f"phases-0-{name}": text for name, text in changed.items()}}


def test_the_list_says_what_each_is_who_approved_it_and_who_uses_it(
    desk: FlaskClient, clinic: Clinic
) -> None:
    a_series(clinic)
    text = desk.get(LIST).text
    assert "Twice a week: 6 sessions, 3–4 days apart (2–5 allowed), 15 + 45 + 30 minutes" in text
    assert "Version 1, approved by Test, since November 30, 2026" in text
    assert "1 series uses it" in text
    assert "New template" not in text


def test_a_template_says_what_it_means(desk: FlaskClient, clinic: Clinic) -> None:
    a_template()
    text = desk.get(TEMPLATE).text
    for expected in (
        "over 18 days",
        "11 to 26 days are allowed",
        "9 h",
        "Mon, Dec 7",
        "Thu, Dec 10",
    ):
        assert expected in text
    assert "Edit into a new version" not in text
    assert desk.get("/desk/templates/unknown").status_code == 404


def test_an_edited_template_is_a_draft_that_shows_what_it_changes(
    practitioner: FlaskClient, desk: FlaskClient
) -> None:
    a_template()
    answer = practitioner.post(f"{TEMPLATE}/edit", data=TEMPLATE_TYPED)
    assert answer.location == f"{TEMPLATE}/draft"
    text = practitioner.get(answer.location).text
    for expected in (
        "“Recommended” → “Softer start”", "Twice a week: 6 sessions → 8 sessions",
        "Twice a week: no review → review after 4 sessions", "Removed: Weekly",
        "Talk therapy: not asked about → asked about 2 weeks after the first session",
    ):  # fmt: skip
        assert expected in text
    assert [row.version for row in list_templates()] == [1]
    assert desk.get(f"{TEMPLATE}/draft").status_code == 403
    assert practitioner.get(f"{TEMPLATE}/edit").text.count("Softer start") > 0


def test_buttons_change_how_phases_stand_and_keep_nothing(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    a_template()
    form = form_on(practitioner, f"{TEMPLATE}/edit", f"{TEMPLATE}/edit")
    typed: dict[str, object] = {
        **TEMPLATE_TYPED,
        "phases-1-name": "Weekly",
        "phases-1-sessions": "x",
    }
    text = send(practitioner, form, {**typed, "step": "up-1"}).text
    assert names(text) == ["Weekly", "Twice a week"]
    assert 'value="x"' in text
    assert f'name="shown_version" value="{form.hidden["shown_version"]}"' in text
    text = send(practitioner, form, {**typed, "step": "remove-0"}).text
    assert names(text) == ["Weekly"]
    assert len(names(send(practitioner, form, {**typed, "step": "add"}).text)) == 3
    assert find_draft("recommended") is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": ""}, "Enter a name."),
        ({"sessions": "many"}, "Sessions: Enter a whole number."),
        ({"sessions": "61"}, "Sessions: Enter a whole number from 1 to 60."),
        ({"sessions": "9" * 400}, "Sessions: Enter a whole number from 1 to 60."),
        ({"min_days": "9"}, "The four numbers must rise"),
        ({"max_days": ""}, "Most: Enter a whole number from 1 to 120."),
        ({"infusion": "42"}, "Infusion: Use a multiple of 5."),
        ({"setup": "0", "infusion": "0", "recovery": "0"}, "All three together are 5 minutes"),
        ({"review_every": "0"}, "Review after: Enter a whole number from 1 to 60."),
        ({"after_miss": "skip"}, "Choose from what is offered"),
        ({"sessions": "60", "min_days": "9", "ideal_min_days": "99", "ideal_max_days": "99",
          "max_days": "99"}, "All phases together take three years at most."),
        ({"name": "x" * 81}, "Use 80 characters at most."),
    ],
)  # fmt: skip
def test_numbers_that_make_no_schedule_are_refused_at_their_field_and_kept(
    practitioner: FlaskClient, clinic: Clinic, wrong: dict[str, str], told: str
) -> None:
    a_template()
    answer = practitioner.post(f"{TEMPLATE}/edit", data=edited(**wrong))
    assert answer.status_code == 422
    assert told in answer.text
    is_marked = 'aria-invalid="true"' in answer.text
    assert ("Please look at the marked fields" in answer.text) is is_marked
    assert ("be used as it was typed" in answer.text) is not is_marked
    assert "Inicio suave" in answer.text
    assert find_draft("recommended") is None


@pytest.mark.parametrize("weeks", ["many", "99", "0"])
def test_weeks_typed_stay_in_their_field_with_one_refusal_at_most(
    practitioner: FlaskClient, clinic: Clinic, weeks: str
) -> None:
    a_template()
    typed = edited(sessions="61") | {"talk_therapy_weeks": weeks}
    answer = practitioner.post(f"{TEMPLATE}/edit", data=typed)
    assert re.search(f'name="talk_therapy_weeks"[^>]*value="{weeks}"', answer.text)
    assert answer.text.count('id="talk_therapy_weeks-error"') == (weeks != "0")


def test_only_the_last_phase_goes_on_without_an_end(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    a_template()
    second = {name.replace("-0-", "-1-"): text for name, text in TEMPLATE_TYPED.items()}
    answer = practitioner.post(f"{TEMPLATE}/edit", data={**second, **edited(sessions="")})
    assert "only the last phase may go on without an end" in answer.text
    many = {**second, **edited(sessions="55")}
    assert "60 sessions at most" in practitioner.post(f"{TEMPLATE}/edit", data=many).text
    open_ended = {**second, **TEMPLATE_TYPED, "phases-1-sessions": ""}
    assert practitioner.post(f"{TEMPLATE}/edit", data=open_ended).status_code == 302


def test_a_new_template_is_a_draft_until_it_is_signed(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    answer = practitioner.post("/desk/templates/new", data=TEMPLATE_TYPED)
    assert answer.location == "/desk/templates/softer-start/draft"
    assert "Softer start" in practitioner.get(LIST).text
    again = practitioner.post("/desk/templates/new", data=TEMPLATE_TYPED)
    assert again.status_code == 422
    assert "There is a template with this name" in again.text
    data = {"reason": "New", "statement": "Checked", "password": PASSWORD}
    answer = practitioner.post("/desk/templates/softer-start/draft/sign", data=data)
    assert answer.location == "/desk/templates/softer-start"
    (row,) = list_templates()
    assert (row.slug, row.version, row.approved_by) == (
        "softer-start", 1, clinic.practitioner.name,
    )  # fmt: skip
    text = practitioner.get(answer.location).text
    assert f"Signed by {clinic.practitioner.name} on November 30, 2026" in text
    assert "Unchanged since" in text


def test_a_name_without_letters_for_an_address_gets_one(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    for name, slug in (("¡!", "template"), ("New", "template"), ("Más días", "mas-dias")):
        data = {**TEMPLATE_TYPED, "name_en": name}
        answer = practitioner.post("/desk/templates/new", data=data)
        assert answer.location == f"/desk/templates/{slug}/draft"
        templates.discard_draft(slug, clinic.practitioner.id, NOW)


def test_a_retired_template_is_offered_to_nobody_and_says_why(
    practitioner: FlaskClient, desk: FlaskClient, clinic: Clinic
) -> None:
    a_template()
    assert practitioner.post(f"{TEMPLATE}/retire", data={"reason": ""}).status_code == 422
    answer = practitioner.post(f"{TEMPLATE}/retire", data={"reason": "Nobody uses it"})
    assert answer.location == TEMPLATE
    assert list_templates() == []
    assert "Nobody uses it" in desk.get(TEMPLATE).text
    assert practitioner.get(f"{TEMPLATE}/retire").location == TEMPLATE
    assert practitioner.post(f"{TEMPLATE}/reinstate").location == TEMPLATE
    assert [row.slug for row in list_templates()] == ["recommended"]
