"""Of an alternative to the best plan one session has another time, and its others stay."""

import re
from html import unescape
from urllib.parse import quote

from flask.testing import FlaskClient

from tests.builders import Clinic
from tests.desk.test_picking import PLAN, THROUGH
from tests.series.prescribed import a_series


def test_of_an_alternative_one_session_changes_and_the_others_stay(
    desk: FlaskClient, clinic: Clinic
) -> None:
    series = a_series(clinic)
    page = unescape(desk.get(f"/desk/series/{series.id}/plan").text)
    second = PLAN.findall(page)[1]
    links = re.findall(r'href="([^"]*/plan/sessions/3[^"]*)"', page)
    text = unescape(desk.get(links[1]).text)
    offered = THROUGH.findall(text)
    (now,) = [value for value, is_checked, _ in offered if is_checked]
    assert now[2:] == second.split(",")[2]
    kept = [f"{number} {start}" for number, start in enumerate(second.split(","), 1) if number != 3]
    assert all(f'value="{pin}"' in text for pin in kept)
    other = next(value for value, is_checked, _ in offered if not is_checked)
    through = "&".join(f"through={quote(pin)}" for pin in [*kept, other])
    planned = PLAN.findall(unescape(desk.get(f"/desk/series/{series.id}/plan?{through}").text))[0]
    assert planned.split(",") == [
        other[2:] if number == 3 else start
        for number, start in enumerate(second.split(","), 1)
    ]  # fmt: skip
