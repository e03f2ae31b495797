"""Moving an appointment from its page at the desk."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests.builders import TOMORROW, a_booking, a_clinic, local
from tests.desk.test_day import read_again


def test_moving_takes_a_free_time_from_the_page(desk: FlaskClient) -> None:
    appointment = a_booking(local(10))
    path, wanted = f"/desk/visits/{appointment.id}/move", local(14)
    assert f'value="{wanted.isoformat()}"' in desk.get(path).text
    response = desk.post(path, data={"start": wanted.isoformat(), "location": "ahwatukee"})
    assert response.location == f"/desk/day/ahwatukee/{TOMORROW}#visit-{appointment.id}"
    assert read_again(appointment).starts_at == wanted


def test_moving_leads_to_another_location(desk: FlaskClient) -> None:
    a_clinic(slug="scottsdale")
    appointment = a_booking(local(10))
    path = f"/desk/visits/{appointment.id}/move"
    page = desk.get(path + "?location=scottsdale&date=2026-12-04").text
    start = local(9, day=TOMORROW + timedelta(days=3)).isoformat()
    assert f'value="{start}"' in page
    response = desk.post(path, data={"start": start, "location": "scottsdale"})
    assert response.location == f"/desk/day/scottsdale/2026-12-04#visit-{appointment.id}"


def test_moving_to_a_time_that_went_shows_the_free_ones_again(desk: FlaskClient) -> None:
    appointment = a_booking(local(10))
    a_booking(local(14))
    response = desk.post(
        f"/desk/visits/{appointment.id}/move", data={"start": local(14).isoformat()}
    )
    assert response.status_code == 422
    assert "taken meanwhile" in response.text
    assert local(15).isoformat() in response.text
    assert read_again(appointment).starts_at == local(10)


@pytest.mark.parametrize("start", ["", "noon", "2026-12-01T10:00", "9999-99-99T00:00+00:00"])
def test_moving_to_no_time_at_all_is_refused(desk: FlaskClient, start: str) -> None:
    appointment = a_booking(local(10))
    response = desk.post(f"/desk/visits/{appointment.id}/move", data={"start": start})
    assert response.status_code == 422
    assert read_again(appointment).starts_at == local(10)


def test_what_it_has_itself_is_free_and_the_first_time_is_among_those_listed(
    desk: FlaskClient,
) -> None:
    appointment = a_booking(local(9))
    path, overlapping = f"/desk/visits/{appointment.id}/move", local(9, 15)
    page = desk.get(path).text
    assert f'value="{overlapping.isoformat()}"' in page
    assert f'value="{local(9).isoformat()}"' not in page  # that would be no move
    first = page[page.index("The first time that keeps every rule:") :].split("</a>")[0]
    assert first.endswith("9:15 AM")
    desk.post(path, data={"start": overlapping.isoformat(), "location": "ahwatukee"})
    assert read_again(appointment).starts_at == overlapping
