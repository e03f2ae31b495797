"""The wall board: chairs, stages and what is due, and nobody's name."""

from flask import Flask

from booking.appointments import attendance
from booking.appointments.day_rules import TreatmentStep
from booking.appointments.treatments import record_step
from booking.audit.rules import staff_actor
from tests.builders import NOW, Clinic, a_patient, an_infusion, local
from tests.desk.signed_in import sign_in

BOARD = "/desk/board/ahwatukee"


def test_the_board_says_how_far_each_chair_is_and_names_nobody(app: Flask, clinic: Clinic) -> None:
    patient = a_patient(clinic, given_name="Zenobia", family_name="Quillfeather")
    appointment = an_infusion(clinic, local(9, day=NOW.date()), patient)
    nurse = staff_actor(clinic.practitioner.id)
    attendance.check_in(appointment.id, NOW, nurse)
    for step in (TreatmentStep.SEAT, TreatmentStep.START):
        record_step(appointment.id, step, NOW, nurse)
    browser = sign_in(app, clinic.front_desk)
    for address in (BOARD, f"{BOARD}/now"):
        text = browser.get(address).text
        assert "In chair: infusion" in text
        assert "8:15" in text  # the next check
        assert text.count(">free<") == 3
        for told in ("Zenobia", "Quillfeather", appointment.reference):
            assert told not in text
    assert '<meta http-equiv="refresh"' in browser.get(BOARD).text
    shown = browser.get(f"{BOARD}/now").headers["ETag"]
    assert browser.get(f"{BOARD}/now", headers={"If-None-Match": shown}).status_code == 304
