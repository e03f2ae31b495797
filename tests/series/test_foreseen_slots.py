"""What running series will need past what is booked is priced in each plan that is proposed."""

from datetime import date, timedelta

import pytest

from booking.calendars.availability import current_catalogue
from booking.series.foreseen_slots import list_foreseen_slots
from booking.series.operations import prescribe_series
from booking.series.planning.requests import PlanSlot
from booking.series.preferences import Preferences
from booking.series.proposals import build_plan_request
from booking.series.standing_slots import to_slot
from tests.builders import NOW, TOMORROW, Clinic, a_clinic, a_patient
from tests.series.ongoing import Ongoing, an_ongoing_series, pause
from tests.series.prescribed import RECOMMENDED

A_WEEK = timedelta(weeks=1)


@pytest.fixture
def ongoing(clinic: Clinic) -> Ongoing:
    return an_ongoing_series(clinic)


def foreseen(last: date, without: int | None = None) -> list[PlanSlot]:
    locations = current_catalogue().locations_by_id
    return [each.slot for each in list_foreseen_slots(locations, without, last, NOW)]


def test_a_series_will_need_its_usual_time_each_week_after_the_last(ongoing: Ongoing) -> None:
    last = to_slot(ongoing.weekly[-1])
    weeks = [last._replace(day=last.day + A_WEEK * n) for n in (1, 2, 3)]
    assert foreseen(weeks[-1].day) == weeks
    assert not foreseen(weeks[-1].day, without=ongoing.series.id)


def test_a_series_at_rest_needs_nothing(ongoing: Ongoing) -> None:
    last = to_slot(ongoing.weekly[-1])
    pause(ongoing, last.day + timedelta(days=1), last.day + A_WEEK)
    assert [slot.day for slot in foreseen(last.day + 2 * A_WEEK)] == [last.day + 2 * A_WEEK]


@pytest.mark.usefixtures("app")
def test_a_plan_for_somebody_else_pays_for_that_time() -> None:
    clinic = a_clinic(nurses=1)
    ongoing = an_ongoing_series(clinic)
    last = to_slot(ongoing.weekly[-1])
    usual = last._replace(day=last.day + A_WEEK)
    other = prescribe_series(
        a_patient(clinic, given_name="Robin"), ongoing.series.template_id, RECOMMENDED,
        Preferences(), "ahwatukee", TOMORROW, clinic.practitioner.id, NOW,
    )  # fmt: skip
    request, _ = build_plan_request(other, NOW)
    assert request.price_of(0, usual) >= request.rates.displaced
    assert request.price_of(0, usual._replace(day=usual.day + timedelta(days=1))) < 100


def test_its_own_usual_time_costs_a_series_nothing_more(ongoing: Ongoing) -> None:
    last = to_slot(ongoing.weekly[-1])
    request, _ = build_plan_request(
        ongoing.row, NOW, previous=last, first_number=len(ongoing.dense + ongoing.weekly) + 1,
        ahead=len(ongoing.weekly),
    )  # fmt: skip
    usual = last._replace(day=last.day + A_WEEK)
    assert all(request.price_of(phase, usual) < request.rates.displaced for phase in request.prices)
