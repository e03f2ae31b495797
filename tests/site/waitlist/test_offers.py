"""Taking a sooner time by its link, or letting it go; late, twice, and when things have changed."""

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from booking import clock
from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.waitlist.models import WaitlistOffer
from tests.builders import NOW, Clinic, a_booking
from tests.site.steps import words
from tests.site.waitlist.forms import FULL, answer, current_version, join, page
from tests.waitlist.waiting import (
    HOLD,
    MINUTE,
    current,
    free_up,
    mark_sent,
    nine,
    tick,
)


def test_an_offer_shows_both_times_and_looking_changes_nothing(
    client: FlaskClient, offered: WaitlistOffer, appointment: Appointment
) -> None:
    for _ in range(2):
        shown = words(client.get(f"/o/{offered.token}").text)
    assert "A sooner time is kept for you" in shown
    assert "Tuesday, December 1, 9:00" in shown
    assert "Saturday, December 5, 9:00" in shown
    assert "Until 8:15" in shown
    assert current(appointment).starts_at == nine(FULL)
    assert f"/o/{offered.token}" in page(client, appointment)


def test_accepted_it_is_moved_and_pressed_twice_it_says_so_again(
    client: FlaskClient, offered: WaitlistOffer, appointment: Appointment
) -> None:
    version = current_version(offered)
    for _ in range(2):
        response = answer(client, offered, "accept", version=version)
        assert (response.status_code, response.location) == (302, f"/o/{offered.token}")
    shown = words(client.get(f"/o/{offered.token}").text)
    assert "Your visit is moved" in shown
    assert "Tuesday, December 1, 9:00" in shown
    assert (current(appointment).starts_at, current(appointment).sequence) == (nine(0), 1)


def test_too_late_is_told_kindly_and_nothing_changes(
    client: FlaskClient, offered: WaitlistOffer, appointment: Appointment
) -> None:
    with time_machine.travel(NOW + HOLD, tick=False):
        response = answer(client, offered, "accept")
        assert response.status_code == 409
        assert "This time is no longer kept for you" in response.text
        assert "We are sorry" in response.text
        assert "Saturday, December 5, 9:00" in words(response.text)
        assert "You stay on the list" in response.text
        assert "See all free times" in response.text
        assert answer(client, offered, "decline").status_code == 409
        assert "no longer kept" in client.get(f"/o/{offered.token}").text
    assert current(appointment).starts_at == nine(FULL)


def test_late_after_somebody_else_took_it_says_the_same(
    client: FlaskClient, offered: WaitlistOffer, appointment: Appointment
) -> None:
    other = a_booking(nine(FULL + 1))
    join(client, other)
    mark_sent(offered)
    (made,) = tick(NOW + HOLD)
    with time_machine.travel(NOW + HOLD + MINUTE, tick=False):
        assert answer(client, made, "accept").status_code == 302
        assert answer(client, offered, "accept").status_code == 409
        assert answer(client, offered, "accept").status_code == 409
    assert current(other).starts_at == nine(0)
    assert current(appointment).starts_at == nine(FULL)


def test_let_go_it_stays(
    client: FlaskClient, offered: WaitlistOffer, appointment: Appointment
) -> None:
    assert answer(client, offered, "decline").location == f"/o/{offered.token}"
    assert "You keep your visit" in client.get(f"/o/{offered.token}").text
    assert answer(client, offered, "accept").status_code == 409
    assert current(appointment).starts_at == nine(FULL)


def test_invariant_15_what_changed_meanwhile_is_shown_before_it_moves(
    client: FlaskClient, offered: WaitlistOffer, booked: list[Appointment], appointment: Appointment
) -> None:
    version = current_version(offered)
    free_up(booked[2])
    appointment_operations.move(appointment.id, nine(2), NOW, "staff:1")
    response = answer(client, offered, "accept", version=version)
    assert response.status_code == 409
    assert "has changed since this page was opened" in response.text
    assert "Thursday, December 3, 9:00" in words(response.text)
    assert current(appointment).starts_at == nine(2)


@pytest.mark.parametrize("version", ["", "x"])
def test_a_form_that_says_no_version_moves_nothing(
    client: FlaskClient, offered: WaitlistOffer, appointment: Appointment, version: str
) -> None:
    assert answer(client, offered, "accept", version=version).status_code == 409
    assert current(appointment).starts_at == nine(FULL)


def test_a_link_that_nobody_was_given_is_not_found(client: FlaskClient, clinic: Clinic) -> None:
    assert client.get("/o/nothing").status_code == 404
    for how in ("accept", "decline"):
        assert client.post(f"/o/nothing/{how}").status_code == 404


def test_an_offer_for_what_was_cancelled_is_over(
    client: FlaskClient, offered: WaitlistOffer, appointment: Appointment
) -> None:
    free_up(appointment)
    assert "Take it" not in client.get(f"/o/{offered.token}").text
    assert answer(client, offered, "accept").status_code == 409
    assert clock.now() - NOW < timedelta(seconds=1)
