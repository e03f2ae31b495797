"""The forms of calendar feeds, and what is chosen there."""

from flask.testing import FlaskClient

from booking.feeds import operations
from tests.builders import NOW, Clinic
from tests.desk.scenario import Prepare, Scenario

PAGE = "/desk/feeds"


def create_feed(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    return Scenario(PAGE, PAGE, {"subject": f"location:{clinic.location.id}"})


def revoke_feed(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    key = f"location:{clinic.location.id}"
    feed = operations.create_feed(key, clinic.practitioner.id, NOW)
    return Scenario(PAGE, f"{PAGE}/{feed.id}/revoke")


FEED_SCENARIOS: tuple[Prepare, ...] = (create_feed, revoke_feed)
