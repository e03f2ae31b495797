"""What the desk reads once a patient took another time on the phone."""

import pytest
from flask.testing import FlaskClient

from tests.builders import Clinic, a_booking, a_contact, local
from tests.desk.page_forms import form_on, send
from tests.outages.cases import IN_TWO_DAYS, applied, closing


@pytest.mark.parametrize(
    ("email", "notice"),
    [
        ("maria@example.com", "They are told by text or e-mail."),
        (None, "They get no messages: read out what was agreed."),
    ],
)
def test_the_notice_says_whether_whoever_agreed_is_told(
    desk: FlaskClient, clinic: Clinic, email: str | None, notice: str
) -> None:
    a_booking(local(10, day=IN_TWO_DAYS), sms_consent=False, contact=a_contact(email=email))
    (affected,) = applied(closing(clinic), clinic)
    page = f"/desk/closures/{affected.case_id}"
    action = f"/desk/closures/patients/{affected.id}/accept"
    send(desk, form_on(desk, page, action), {})
    assert f"Moved. {notice}" in desk.get(page).text
