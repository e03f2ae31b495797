"""Waiting for something sooner, and taking or letting go what is offered, by links alone."""

import pytest
from flask.testing import FlaskClient

from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.extensions import db
from booking.waitlist.models import WaitlistOffer
from booking.waitlist.rules import EntryStatus
from tests.builders import a_booking
from tests.site.waitlist.forms import ALL, FULL, join, page
from tests.waitlist.waiting import (
    entry_of,
    free_up,
    nine,
)


def test_the_own_page_leads_to_the_list(client: FlaskClient, appointment: Appointment) -> None:
    own_page = client.get(f"/a/{appointment.token}").text
    assert f"/a/{appointment.token}/waitlist" in own_page
    assert "Tell me if something sooner opens" in own_page
    shown = page(client, appointment)
    assert shown.count("checked") == 7 + 3 + 1
    phone = (
        db.session.execute(db.text("SELECT phone FROM patient ORDER BY id DESC")).scalars().first()
    )
    assert f"number ending in {str(phone)[-4:]}" in shown
    assert "for 15 minutes" in shown


def test_joined_it_says_so_and_keeps_what_was_ticked(
    client: FlaskClient, appointment: Appointment
) -> None:
    response = join(client, appointment, weekdays=["1"], parts=["morning"])
    assert (response.status_code, response.location) == (302, f"/a/{appointment.token}/waitlist")
    shown = page(client, appointment)
    assert "You are on the list for something sooner" in shown
    assert shown.count("checked") == 3
    assert entry_of(appointment).wish == {
        "weekdays": [1], "parts": ["morning"], "location_ids": [appointment.location_id],
    }  # fmt: skip


def test_what_suits_now_and_leaving_are_acknowledged_once(
    client: FlaskClient, appointment: Appointment
) -> None:
    join(client, appointment)
    assert page(client, appointment).count("We have noted what suits you") == 1
    assert "We have noted" not in page(client, appointment)
    own_page = f"/a/{appointment.token}"
    client.post(f"{own_page}/waitlist/leave")
    assert client.get(own_page).text.count("You are off the list") == 1


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("weekdays", "Choose at least one day."),
        ("parts", "Choose at least one time of day."),
        ("locations", "Choose at least one location."),
    ],
)
def test_without_a_day_a_time_or_a_location_nothing_is_kept(
    client: FlaskClient, appointment: Appointment, name: str, says: str
) -> None:
    response = join(client, appointment, **{name: []})
    assert response.status_code == 422
    assert response.text.count(says) == 2
    assert response.text.count("checked") == 11 - len(ALL[name])
    assert entry_of(appointment) is None


@pytest.mark.parametrize(
    "changed", [{"weekdays": ["9"]}, {"weekdays": ["x"]}, {"parts": ["night"]}, {"locations": ["tucson"]}]
)  # fmt: skip
def test_a_bad_form_keeps_nothing(
    client: FlaskClient, appointment: Appointment, changed: dict[str, object]
) -> None:
    assert join(client, appointment, **changed).status_code == 422
    assert entry_of(appointment) is None


def test_left_again_nothing_is_offered(client: FlaskClient, offered: WaitlistOffer,
                                       appointment: Appointment) -> None:  # fmt: skip
    response = client.post(f"/a/{appointment.token}/waitlist/leave")
    assert response.location == f"/a/{appointment.token}"
    assert entry_of(appointment).status is EntryStatus.LEFT
    assert "no longer kept for you" in client.get(f"/o/{offered.token}").text


def test_who_can_be_told_in_no_way_is_asked_to_call(
    client: FlaskClient, booked: list[Appointment]
) -> None:
    appointment = a_booking(nine(FULL), sms_consent=False)
    with transaction():
        db.session.execute(db.text("UPDATE appointment_contact SET email = NULL"))
    assert "We have no way to tell you in time" in page(client, appointment)
    assert "We have no way to tell you in time" in join(client, appointment).text
    assert entry_of(appointment) is None


def test_what_is_cancelled_waits_for_nothing(client: FlaskClient, appointment: Appointment) -> None:
    free_up(appointment)
    assert client.get(f"/a/{appointment.token}/waitlist").location == f"/a/{appointment.token}"
    assert join(client, appointment).location == f"/a/{appointment.token}"
    assert entry_of(appointment) is None
