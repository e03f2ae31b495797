"""Forms of the rota."""

from flask.testing import FlaskClient

from booking.db.transactions import transaction
from booking.extensions import db
from booking.on_call.operations import add_turn as put_on_rota
from tests.builders import NOW, PHOENIX, Clinic
from tests.desk.scenario import Prepare, Scenario

PAGE = "/desk/on-call"
TYPED = {"begins": "2026-11-30T18:00", "ends": "2026-12-01T08:00"}


def add_turn(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    with transaction():
        db.session.merge(clinic.practitioner).phone = "+16025550151"
    return Scenario(PAGE, PAGE, {"person": str(clinic.practitioner.id), **TYPED})


def remove_turn(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    begins = NOW.astimezone(PHOENIX).replace(tzinfo=None)
    ends, person = begins.replace(hour=23), clinic.practitioner
    turn = put_on_rota(person.id, begins, ends, "America/Phoenix", person.id, NOW)
    return Scenario(PAGE, f"{PAGE}/{turn.id}/remove")


ON_CALL_SCENARIOS: tuple[Prepare, ...] = (add_turn, remove_turn)
