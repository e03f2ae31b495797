"""What the planner weighs is the clinic's to say, in its file; else it is as shipped."""

import pytest
from flask import Flask

from booking.clinic.export import export_clinic
from booking.clinic.schema import ClinicFileError
from booking.series.planning.costs import PlanRates
from booking.series.queries import read_plan_rates
from tests.builders import NOW
from tests.clinic.files import DEMO
from tests.clinic.loads import LATER, loaded

UNHURRIED = f"{DEMO}\n[planner.rates]\nstart_delay_days = 10\n"


@pytest.mark.usefixtures("app")
def test_rates_are_read_from_the_file_and_given_back_by_it() -> None:
    loaded(UNHURRIED)
    assert read_plan_rates() == PlanRates(start_delay_days=10)
    assert "start_delay_days = 10" in export_clinic(NOW)
    assert loaded(export_clinic(NOW), LATER).changed == 0


def test_without_them_plans_weigh_as_shipped(app: Flask) -> None:
    loaded(UNHURRIED)
    loaded(DEMO, LATER)
    assert read_plan_rates() == PlanRates()
    assert "planner" not in export_clinic(NOW)


@pytest.mark.parametrize("rates", ["start_delay_days = -1", "speed = 3", 'gap_days = "many"'])
def test_rates_that_cannot_be_are_refused_with_their_place(app: Flask, rates: str) -> None:
    with pytest.raises(ClinicFileError, match="planner"):
        loaded(f"{DEMO}\n[planner.rates]\n{rates}\n")
