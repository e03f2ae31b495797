"""A text is answered in its own language where that is sure, else in that of who is written to there."""

import pytest
from flask import Flask

from booking.appointments.contacts import set_upcoming_language
from booking.appointments.models import Appointment
from booking.reminders.inbound import receive_reply
from tests.builders import NOW, a_patient
from tests.messaging.builders import ObedientSender
from tests.reminders.prepared import PHONE, Tick, a_clinic_that_reminds, an_appointment, ticking
from tests.reminders.signed import OURS

NOBODY, CALLER = "+16025559999", "+16025550188"
THANKS, GRACIAS = "thank you, see you then", "gracias, le esperamos"


@pytest.fixture
def tick(app: Flask) -> Tick:
    a_clinic_that_reminds()
    return ticking(ObedientSender())


@pytest.fixture
def appointment(tick: Tick) -> Appointment:
    appointment = an_appointment()
    tick(NOW)
    return appointment


@pytest.mark.parametrize(
    ("kept", "body", "said"),
    [
        ("en", "1", THANKS),
        ("es", "1", GRACIAS),
        ("en", "Sí, ahí estaré", GRACIAS),
        ("es", "yes", GRACIAS),
        ("en", "HELP", "Reply STOP to end texts"),
        ("en", "AYUDA", "Responda STOP para no recibir textos"),
        ("en", "me quiero matar", "988, oprima 2"),
        ("es", "I want to die", "988, oprima 2"),
        ("es", "2", "o antes del lun 30 nov, 1:00 p.m. le llamamos."),
    ],
)
def test_a_patient_is_answered_in_the_language_kept_or_written_in(
    appointment: Appointment, tick: Tick, kept: str, body: str, said: str
) -> None:
    assert appointment.patient_id is not None
    set_upcoming_language(appointment.patient_id, kept, NOW)
    receive_reply("IN1", PHONE, OURS, body, NOW)
    (answer,) = tick(NOW)
    assert said in answer.body


@pytest.mark.parametrize(
    ("sender", "body", "said"),
    [
        (NOBODY, "hm", "thank you. A person answers"),
        (NOBODY, "hola", "le responde una persona"),
        (CALLER, "hm", "le responde una persona"),
    ],
)
def test_who_has_no_appointment_is_answered_as_they_write_or_are_known(
    tick: Tick, sender: str, body: str, said: str
) -> None:
    a_patient(phone=CALLER, language="es")
    receive_reply("IN1", sender, OURS, body, NOW)
    (answer,) = tick(NOW)
    assert said in answer.body
