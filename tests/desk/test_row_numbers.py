"""Numbers that no row can have, where an address or a form names a row: never a fault."""

import pytest
from flask.testing import FlaskClient

from tests.builders import Clinic, a_patient
from tests.desk.outage_scenarios import use_plan
from tests.desk.page_forms import form_on, send

IMPOSSIBLE = ("9" * 30, str(2**31), str(2**63), "-1", "0", "x")


@pytest.mark.parametrize("number", IMPOSSIBLE)
def test_a_call_or_a_task_that_can_not_be_is_as_none(desk: FlaskClient, number: str) -> None:
    pages = ["/desk/patients/new?call=", f"/desk/patients/{a_patient().id}/book?task="]
    assert [desk.get(page + number).status_code for page in pages] == [200, 200]


@pytest.mark.parametrize("number", IMPOSSIBLE)
def test_a_plan_that_can_not_be_is_not_used(
    practitioner: FlaskClient, clinic: Clinic, number: str
) -> None:
    scenario = use_plan(clinic, practitioner)
    form = form_on(practitioner, scenario.page, scenario.action)
    assert send(practitioner, form, {"plan": number}).status_code == 422
