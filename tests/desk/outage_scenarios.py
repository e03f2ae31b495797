"""The forms of closures and absences, and what is typed there."""

from flask.testing import FlaskClient

from tests.builders import Clinic, a_booking, local
from tests.desk.scenario import Prepare, Scenario
from tests.outages.cases import IN_TWO_DAYS, affected_patients, applied, closing, planned

HERE = "/desk/closures"


def record_outage(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    a_booking(local(10, day=IN_TWO_DAYS))
    typed: dict[str, object] = {
        "subject": f"location:{clinic.location.id}", "first_day": IN_TWO_DAYS.isoformat(),
        "begins": "09:00", "last_day": IN_TWO_DAYS.isoformat(), "ends": "17:00",
        "reason": "Pipe burst", "step": "record",
    }  # fmt: skip
    return Scenario(f"{HERE}/new", f"{HERE}/new", typed)


def _planned(clinic: Clinic, action: str) -> Scenario:
    a_booking(local(10, day=IN_TWO_DAYS))
    case_id = planned(closing(clinic), clinic)[0].case_id
    return Scenario(f"{HERE}/{case_id}", f"{HERE}/{case_id}/{action}")


def use_plan(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    return _planned(clinic, "use")


def plan_outage_again(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    return _planned(clinic, "plan-again")


def end_outage(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    return _planned(clinic, "end")


def _affected(clinic: Clinic, action: str, **typed: str) -> Scenario:
    a_booking(local(10, day=IN_TWO_DAYS))
    applied(closing(clinic), clinic)
    affected = affected_patients()[-1]
    page = f"{HERE}/{affected.case_id}"
    return Scenario(page, f"{HERE}/patients/{affected.id}/{action}", typed)


def accept_for_patient(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    return _affected(clinic, "accept")


def record_call(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    return _affected(clinic, "call", outcome="voicemail")


OUTAGE_SCENARIOS: tuple[Prepare, ...] = (
    *(record_outage, use_plan, plan_outage_again, end_outage),
    *(accept_for_patient, record_call),
)
