"""Whoever lost a time chooses among new ones by the link of the text; late, twice, and when it went."""

from collections.abc import Iterator

import pytest
import time_machine
from flask.testing import FlaskClient

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.outages.models import AffectedPatient
from booking.outages.rules import AnswerStatus
from tests.builders import NOW, Clinic, a_booking, a_clinic, local
from tests.outages.cases import (
    HOUR,
    IN_TWO_DAYS,
    applied,
    closing,
    current,
    record_of,
    status_of,
    tick,
)
from tests.series.prescribed import a_booked_series, appointments
from tests.site.steps import words


@pytest.fixture
def clinic(client: FlaskClient) -> Iterator[Clinic]:
    with time_machine.travel(NOW, tick=False):
        yield a_clinic()


@pytest.fixture
def hit(clinic: Clinic) -> Appointment:
    return a_booking(local(10, day=IN_TWO_DAYS))


@pytest.fixture
def affected(clinic: Clinic, hit: Appointment) -> AffectedPatient:
    return applied(closing(clinic), clinic)[0]


def test_the_page_shows_what_is_held_and_what_was_and_looking_changes_nothing(
    client: FlaskClient, affected: AffectedPatient, hit: Appointment
) -> None:
    for _ in range(2):
        shown = words(client.get(f"/c/{affected.token}").text)
    held, lost = (shown.index(text) for text in ("Held for you", "Can't take place"))
    assert held < shown.index("Tuesday, December 1,") < lost < shown.index("Wednesday, December 2,")
    assert "Or one of these" in shown
    assert current(hit).sequence == 0


def test_taken_the_time_is_the_appointments(
    client: FlaskClient, affected: AffectedPatient, hit: Appointment
) -> None:
    for _ in range(2):
        response = client.post(f"/c/{affected.token}/accept")
        assert response.status_code == 302
    assert "Your visit is moved" in words(client.get(response.location).text)
    assert (current(hit).starts_at, current(hit).sequence) == (local(10), 1)


def test_another_of_the_times_shown_can_be_taken(
    client: FlaskClient, affected: AffectedPatient, hit: Appointment
) -> None:
    typed = {"location": "ahwatukee", "start": local(14).isoformat()}
    assert client.post(f"/c/{affected.token}/other", data=typed).status_code == 302
    assert current(hit).starts_at == local(14)
    assert status_of(affected) is AnswerStatus.CHOSE_OTHER


def test_a_time_that_went_is_said_to_have_gone_and_the_held_one_stays(
    client: FlaskClient, affected: AffectedPatient, hit: Appointment
) -> None:
    a_booking(local(14))
    typed = {"location": "ahwatukee", "start": local(14).isoformat()}
    response = client.post(f"/c/{affected.token}/other", data=typed)
    assert response.status_code == 409
    assert "It can't be moved to this time now" in words(response.text)
    assert record_of(affected).affected.hold_id is not None
    assert current(hit).sequence == 0


@pytest.mark.parametrize("typed", [{}, {"start": "soon", "location": "ahwatukee"}, {"start": "x"}])
def test_what_is_no_time_leads_back(
    client: FlaskClient, affected: AffectedPatient, typed: dict[str, str]
) -> None:
    response = client.post(f"/c/{affected.token}/other", data=typed)
    assert (response.status_code, response.location) == (302, f"/c/{affected.token}")


def test_an_unknown_place_moves_nothing(client: FlaskClient, affected: AffectedPatient) -> None:
    typed = {"location": "nowhere", "start": local(14).isoformat()}
    assert client.post(f"/c/{affected.token}/other", data=typed).status_code == 409


def test_who_wants_none_of_them_is_told_of_the_call(
    client: FlaskClient, affected: AffectedPatient
) -> None:
    response = client.post(f"/c/{affected.token}/decline")
    shown = words(client.get(response.location).text)
    assert "We call you" in shown
    assert "See all free times" in shown
    late = client.post(f"/c/{affected.token}/accept")
    assert late.status_code == 409


@pytest.mark.parametrize("has_ticked", [False, True])
def test_who_is_late_is_told_so_and_shown_what_is_free(
    client: FlaskClient, affected: AffectedPatient, has_ticked: bool
) -> None:
    assert affected.held_until is not None
    with time_machine.travel(affected.held_until, tick=False):
        if has_ticked:
            tick(affected.held_until)
        response = client.post(f"/c/{affected.token}/accept")
    assert response.status_code == 409
    assert "This time is no longer held for you" in words(response.text)
    assert "See all free times" in words(response.text)


def test_who_moved_by_themselves_sees_where_they_are(
    client: FlaskClient, affected: AffectedPatient, hit: Appointment
) -> None:
    appointment_operations.move(hit.id, local(15), NOW, "online")
    response = client.post(f"/c/{affected.token}/accept")
    assert response.status_code == 409
    assert "Tuesday, December 1," in words(response.text)


def test_several_are_taken_together(client: FlaskClient, clinic: Clinic) -> None:
    a_clinic(slug="scottsdale")
    series = a_booked_series(clinic)
    first, second = appointments(series)[1:3]
    outage = closing(clinic)
    outage.starts_at, outage.ends_at = first.starts_at - HOUR, second.ends_at
    (affected,) = applied(outage, clinic)
    assert "Take these times" in client.get(f"/c/{affected.token}").text
    client.post(f"/c/{affected.token}/accept")
    assert [current(each).sequence for each in (first, second)] == [1, 1]


def test_the_appointments_own_page_leads_to_the_choice(
    client: FlaskClient, affected: AffectedPatient, hit: Appointment
) -> None:
    assert f"/c/{affected.token}" in client.get(f"/a/{hit.token}").text
    client.post(f"/c/{affected.token}/accept")
    assert f"/c/{affected.token}" not in client.get(f"/a/{hit.token}").text


def test_an_unknown_link_is_nobodys(client: FlaskClient, clinic: Clinic) -> None:
    assert client.get("/c/nothing").status_code == 404
    assert client.post("/c/nothing/accept").status_code == 404
