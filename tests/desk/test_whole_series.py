"""A plan that moves other visits of the same patients says so, and what becomes of them."""

from flask.testing import FlaskClient

from booking.outages.answers import decline_times
from booking.outages.queries import list_records
from tests.builders import NOW, Clinic, an_infusion, local
from tests.outages.cases import (
    IN_TWO_DAYS,
    WIDE,
    applied,
    closed_between,
    closing,
    planned,
    recorded,
)
from tests.series.prescribed import a_booked_series


def test_a_plan_of_whole_series_says_what_else_moves_and_how_many_more_at_most(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    series = a_booked_series(clinic, WIDE)
    whole, single = planned(closed_between(clinic, series), clinic)
    page = practitioner.get(f"/desk/closures/{whole.case_id}").text
    assert "Other visits of the same patients move, too" in page
    assert "could stay: moves with the others of its series" in page
    assert "Nobody is left without." in page
    other = practitioner.get(f"/desk/closures/{whole.case_id}?plan={single.id}").text
    assert "Nobody more could be placed this way." in other
    assert "could stay: moves" not in other


def test_what_stays_after_all_is_said_so_on_the_board(desk: FlaskClient, clinic: Clinic) -> None:
    series = a_booked_series(clinic, WIDE)
    (affected,) = applied(closed_between(clinic, series), clinic)
    decline_times(affected.id, NOW, "online")
    page = desk.get(f"/desk/closures/{affected.case_id}").text
    assert page.count("stays as it was") == len(list_records(affected.id)) - 1


def test_until_further_notice_the_page_says_what_is_planned_and_what_not(
    desk: FlaskClient, clinic: Clinic
) -> None:
    an_infusion(clinic, local(10, day=IN_TWO_DAYS))
    case = recorded(closing(clinic, 0, None), clinic)
    page = desk.get(f"/desk/closures/{case.id}").text
    assert "one plan is for the visits before Wednesday, December 16" in page
