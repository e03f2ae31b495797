"""Which locations a calendar shows to a page that stays open."""

from flask.testing import FlaskClient

from tests.builders import a_clinic

ALL = "/desk/calendar/all/2026-12-01/day"
NEW = "/desk/calendar/scottsdale/2026-12-01/day"


def test_a_location_that_has_just_opened_is_on_a_page_that_asks_again(desk: FlaskClient) -> None:
    assert desk.get(NEW).status_code == 404
    before = desk.get(ALL)
    a_clinic(slug="scottsdale")
    assert desk.get(f"{NEW}/changes").status_code == 200
    after = desk.get(f"{ALL}/changes", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "Scottsdale" in after.text
