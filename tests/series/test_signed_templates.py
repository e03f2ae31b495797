"""Templates made at the desk: a draft is nobody's to use, a signed version is nobody's to change."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from booking.db.transactions import transaction
from booking.extensions import db
from booking.series import operations as series_operations
from booking.series import template_operations as templates
from booking.series.models import ScheduleTemplate, TemplateSignature
from booking.series.preferences import Preferences
from booking.series.queries import get_template, list_templates
from booking.series.refusals import PractitionerRequired
from booking.series.template_queries import (
    TemplateUse,
    count_uses,
    count_uses_by_slug,
    find_draft,
    find_open_retirement,
    get_signatures,
    is_signature_intact,
    list_newest_versions,
    list_versions,
)
from booking.series.templates import Template
from tests.builders import NOW, TOMORROW, Clinic, a_patient
from tests.series.prescribed import RECOMMENDED, a_template

LATER = NOW + timedelta(days=3)
CONTENT = Template("recommended", {"en": "Recommended"}, 0, "", RECOMMENDED, talk_therapy_weeks=2)
SHORTER = replace(CONTENT, phases=(replace(RECOMMENDED[0], sessions=4), RECOMMENDED[1]))
STATEMENT, REASON = "I have checked these numbers.", "Four are enough"


def save(clinic: Clinic, content: Template = SHORTER, *, is_new: bool = False) -> None:
    templates.save_draft(content, clinic.practitioner.id, LATER, is_new=is_new)


def sign(clinic: Clinic, content: Template = SHORTER, *, is_new: bool = False) -> ScheduleTemplate:
    save(clinic, content, is_new=is_new)
    return templates.sign_draft(content.slug, clinic.practitioner.id, STATEMENT, REASON, LATER)


def versions() -> list[tuple[int, bool]]:
    return [(row.version, row.active) for row in list_versions("recommended")]


def test_a_draft_is_kept_and_not_offered(clinic: Clinic) -> None:
    first = a_template()
    save(clinic)
    draft = find_draft("recommended")
    assert draft is not None
    assert (draft.base_version, draft.data["version"]) == (1, 2)
    assert list_templates() == [first]
    templates.discard_draft("recommended", clinic.practitioner.id, LATER)
    templates.discard_draft("recommended", clinic.practitioner.id, LATER)
    assert find_draft("recommended") is None


def test_a_signed_draft_is_the_version_that_is_offered(clinic: Clinic) -> None:
    a_template()
    row = sign(clinic)
    assert versions() == [(2, True), (1, False)]
    assert list_templates() == [row]
    assert row.approved_by == clinic.practitioner.name
    assert Template.from_dict(row.data) == replace(
        SHORTER, version=2, approved_by=clinic.practitioner.name
    )
    assert find_draft("recommended") is None


def test_a_signature_keeps_who_when_what_and_the_digest(clinic: Clinic) -> None:
    row = sign(clinic, is_new=True)
    signature = get_signatures([row.id])[row.id]
    assert (signature.signer_name, signature.signed_at) == (clinic.practitioner.name, LATER)
    assert (signature.statement, signature.reason) == (STATEMENT, REASON)
    db.session.expire_all()
    assert is_signature_intact(row, signature)


def test_what_is_changed_behind_a_signature_shows(clinic: Clinic) -> None:
    row = sign(clinic, is_new=True)
    changed = replace(SHORTER, version=1, phases=RECOMMENDED).to_dict()
    with transaction():
        db.session.execute(update(ScheduleTemplate).values(data=changed))
    db.session.expire_all()
    assert not is_signature_intact(row, get_signatures([row.id])[row.id])


@pytest.mark.parametrize("statement", ["UPDATE template_signature SET reason = 'x'",
                                       "DELETE FROM template_signature"])  # fmt: skip
def test_the_database_refuses_to_change_a_signature(clinic: Clinic, statement: str) -> None:
    sign(clinic, is_new=True)
    with pytest.raises(DBAPIError, match="template_signature_append_only"), transaction():
        db.session.connection().exec_driver_sql(statement)
    assert db.session.scalars(select(TemplateSignature.reason)).all() == [REASON]


def test_only_practitioners_make_templates(clinic: Clinic) -> None:
    a_template()
    desk = clinic.front_desk.id
    for refused in (
        lambda: templates.save_draft(SHORTER, desk, LATER, is_new=False),
        lambda: templates.discard_draft("recommended", desk, LATER),
        lambda: templates.sign_draft("recommended", desk, STATEMENT, REASON, LATER),
        lambda: templates.retire_template("recommended", desk, REASON, LATER),
        lambda: templates.reinstate_template("recommended", desk, LATER),
    ):
        with pytest.raises(PractitionerRequired):
            refused()
    assert versions() == [(1, True)]


def test_there_is_nothing_to_sign_without_a_draft(clinic: Clinic) -> None:
    with pytest.raises(templates.NoDraft):
        templates.sign_draft("recommended", clinic.practitioner.id, STATEMENT, REASON, LATER)


def test_a_new_template_has_a_name_of_its_own(clinic: Clinic) -> None:
    a_template()
    with pytest.raises(templates.TemplateNameTaken):
        save(clinic, is_new=True)
    other = replace(CONTENT, slug="another")
    save(clinic, other, is_new=True)
    with pytest.raises(templates.TemplateNameTaken):
        save(clinic, other, is_new=True)


def test_a_retired_template_is_not_offered_until_it_is_reinstated(clinic: Clinic) -> None:
    a_template()
    doctor = clinic.practitioner.id
    for _ in range(2):
        templates.retire_template("recommended", doctor, "Nobody uses it", LATER)
    retirement = find_open_retirement("recommended")
    assert retirement is not None
    assert (retirement.reason, retirement.retired_by_id) == ("Nobody uses it", doctor)
    assert list_templates() == []
    assert [row.slug for row in list_newest_versions()] == ["recommended"]
    for _ in range(2):
        templates.reinstate_template("recommended", doctor, LATER)
    assert versions() == [(1, True)]
    assert find_open_retirement("recommended") is None


def test_a_new_version_of_a_retired_template_is_retired_too(clinic: Clinic) -> None:
    a_template()
    templates.retire_template("recommended", clinic.practitioner.id, "Later", LATER)
    sign(clinic)
    assert versions() == [(2, False), (1, False)]


def test_a_series_keeps_the_version_it_was_prescribed_from(clinic: Clinic) -> None:
    first = a_template()
    series = series_operations.prescribe_series(
        a_patient(clinic), first.id, RECOMMENDED, Preferences(), "ahwatukee", TOMORROW,
        clinic.practitioner.id, NOW,
    )  # fmt: skip
    second = sign(clinic)
    assert get_template(series).version == 1
    assert count_uses() == {first.id: TemplateUse(1, 1)}
    assert count_uses_by_slug() == {"recommended": TemplateUse(1, 1)}
    series_operations.withdraw_prescription(series.id, LATER, "test", reason="")
    assert count_uses() == {first.id: TemplateUse(1, 0)}
    assert second.id not in count_uses()
