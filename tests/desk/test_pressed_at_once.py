"""A form pressed twice at one instant, in two real processes, is done once on either database."""

from collections import Counter
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.audit.models import AuditEntry
from booking.extensions import db
from tests.builders import Clinic
from tests.desk.pressers import Pressers, two_pressers
from tests.desk.scenario import Scenario
from tests.desk.scenarios import SCENARIOS, WITHOUT_VERSION
from tests.desk.signed_in import open_session

# Done to several things by one press: once to each.
OF_SEVERAL = {
    ("desk.book_plan", "book"),
    ("desk.stop_series", "cancel"),
    ("desk.pause_series", "cancel"),
    ("desk.end_series_after", "cancel"),
    *(("desk.change_frequency", action) for action in ("book", "cancel")),
    ("desk.resume_series", "book"),
    *(("desk.decide_spacing", action) for action in ("book", "cancel")),
    ("desk.change_phases", "change_length"),
    ("desk.choose_contact", "drop_contact"),
}
# Of two people both are kept: each has words of their own.
OF_EACH = {"desk.write_patient_note", "desk.write_appointment_note"}


@pytest.fixture(scope="module")
def pressers() -> Iterator[Pressers]:
    with two_pressers() as both:
        yield both


@pytest.fixture
def scenario(endpoint: str, clinic: Clinic, practitioner: FlaskClient) -> Scenario:
    return SCENARIOS[endpoint](clinic, practitioner)


def times_done(last_entry: int, endpoint: str) -> int:
    """Return how often the same was done by people since an entry of the trail."""
    db.session.rollback()
    entries = select(AuditEntry).where(
        AuditEntry.id > last_entry, AuditEntry.actor.startswith("staff:")
    )
    done = Counter(
        (entry.action, entry.subject_id if (endpoint, entry.action) in OF_SEVERAL else 0)
        for entry in db.session.scalars(entries)
    )
    return max(done.values(), default=0)


def newest_entry() -> int:
    return max(db.session.scalars(select(AuditEntry.id)), default=0)


@pytest.mark.parametrize("endpoint", SCENARIOS)
def test_pressed_twice_at_once_it_is_done_once_and_answered_the_same(
    pressers: Pressers, database_url: str, clinic: Clinic, practitioner: FlaskClient,
    scenario: Scenario, endpoint: str,
) -> None:  # fmt: skip
    form, key = scenario.form(practitioner), open_session(clinic.practitioner)
    before = newest_entry()
    first, second = pressers.press(database_url, (key, key), (form, form), scenario.typed)
    assert (first, first[0]) == (second, 302)
    assert times_done(before, endpoint) == 1


@pytest.mark.parametrize("endpoint", sorted(SCENARIOS.keys() - WITHOUT_VERSION - OF_EACH))
def test_two_people_who_press_at_once_do_it_once(
    pressers: Pressers, database_url: str, clinic: Clinic, practitioner: FlaskClient,
    scenario: Scenario, endpoint: str,
) -> None:  # fmt: skip
    """Each has a page of their own, that was shown before either pressed."""
    forms = (scenario.form(practitioner), scenario.form(practitioner))
    keys = (open_session(clinic.practitioner), open_session(clinic.practitioner))
    before = newest_entry()
    answers = pressers.press(database_url, keys, forms, scenario.typed)
    statuses = sorted(status for status, _to in answers)
    assert statuses in ([302, 422], [302, 302]), answers
    assert times_done(before, endpoint) == 1
