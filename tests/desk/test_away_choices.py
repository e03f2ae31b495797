"""Days away that keep every gap only by moving other visits: a practitioner may let one gap stand instead."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from booking.appointments.models import Appointment
from booking.series.models import InfusionSeries
from booking.series.queries import list_sessions
from tests.builders import Clinic
from tests.desk.page_forms import form_on, send
from tests.series.prescribed import RECOMMENDED, a_booked_series, appointments

FEWEST = "Move the fewest visits: a gap over the limit stands"


@pytest.fixture
def series(clinic: Clinic) -> InfusionSeries:
    return a_booked_series(clinic, RECOMMENDED)


def page_of(series: InfusionSeries) -> str:
    """Return the page that shows four days away, from the day before the fourth visit on."""
    fourth = appointments(series)[3].local_date
    first, last = fourth - timedelta(days=1), fourth + timedelta(days=2)
    return f"/desk/series/{series.id}/away?first_day={first}&last_day={last}"


def times(series: InfusionSeries) -> dict[int, object]:
    return {each.id: each.starts_at for each in appointments(series)}


def choose(browser: FlaskClient, series: InfusionSeries, **typed: str) -> int:
    page = page_of(series)
    return send(browser, form_on(browser, page, page.partition("?")[0]), typed).status_code


def moved(series: InfusionSeries, before: dict[int, object]) -> list[Appointment]:
    return [each for each in appointments(series) if before.get(each.id) != each.starts_at]


def test_a_practitioner_lets_a_gap_stand_with_a_reason_and_one_appointment_moves(
    practitioner: FlaskClient, series: InfusionSeries
) -> None:
    text, before = practitioner.get(page_of(series)).text, times(series)
    assert text.index("Keep every gap within its limit") < text.index(FEWEST)
    assert choose(practitioner, series, way="fewest") == 422
    assert choose(practitioner, series, way="fewest", reason="Away with family") == 302
    assert len(moved(series, before)) == 1
    allowed = [each.session.allowed_gap for each in list_sessions(series.id)]
    assert [gap for gap in allowed if gap] == [7]


def test_every_gap_is_kept_where_nothing_else_is_chosen(
    practitioner: FlaskClient, series: InfusionSeries
) -> None:
    before = times(series)
    assert choose(practitioner, series) == 302
    assert len(moved(series, before)) > 1
    assert not any(each.session.allowed_gap for each in list_sessions(series.id))


def test_the_front_desk_is_shown_what_keeps_every_gap(
    desk: FlaskClient, series: InfusionSeries
) -> None:
    text = desk.get(page_of(series)).text
    assert FEWEST not in text
    assert "every gap is kept" in text
    page, before = page_of(series), times(series)
    form = form_on(desk, page, page.partition("?")[0])
    form.hidden["plan-fewest"] = form.hidden["plan-repeat"]
    assert send(desk, form, {"way": "nonsense"}).status_code == 422
    assert times(series) == before
