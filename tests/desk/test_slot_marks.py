"""What a time costs a series, in the words of its mark."""

import pytest
from flask import Flask

from booking.desk.series.slot_marks import mark_cost
from booking.series.planning.slot_costs import CostLevel, SlotCost


@pytest.mark.parametrize(
    ("level", "days", "text"),
    [
        (CostLevel.NEAR, 0.04, "near"),
        (CostLevel.NEAR, 0.96, "near"),
        (CostLevel.NEAR, 1.2, "near: 1 day"),
        (CostLevel.NEAR, 1.6, "near: 2 days"),
        (CostLevel.FAR, 12.4, "far: 12 days"),
        (CostLevel.GAP, 1, "gaps: 1 day"),
    ],
)
def test_what_a_slot_costs_is_said_in_whole_days(
    app: Flask, level: CostLevel, days: float, text: str
) -> None:
    with app.test_request_context():
        assert mark_cost(SlotCost(level, 5, days)).text == text
