"""A clinic in which every page has something to show."""

import pytest
import time_machine
from flask import Flask

from booking.appointments import operations as appointment_operations
from booking.extensions import db
from booking.feeds import operations as feeds
from booking.merging import operations as merging
from booking.messaging import email_preferences
from booking.messaging.conversations import list_texts_from
from booking.mood import operations as mood
from booking.patients import notes
from booking.patients.models import Patient
from booking.reminders.inbound import receive_reply
from booking.screening import flags
from booking.screening.models import FlagKind
from booking.series import template_operations as templates
from booking.series.queries import get_template, list_sessions
from booking.series.suspensions import update_suspensions
from booking.staff import invitations
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from booking.waitlist.operations import join_waitlist
from booking.webhooks import operations as webhooks
from booking.webhooks.rules import EventKind
from tests.builders import NOW, a_booking, a_clinic, a_patient
from tests.clinic.loads import a_load
from tests.mood.asked import CALM, first_form
from tests.promises.test_pages import SAMPLES
from tests.series.prescribed import a_booked_series
from tests.staff.managers import a_manager
from tests.waitlist.waiting import a_wish, tick


@pytest.fixture
def samples(sqlite_app: Flask) -> dict[str, object]:
    """A clinic in which every page has something to show; return what stands in addresses."""
    with time_machine.travel(NOW, tick=False):
        clinic = a_clinic()
        appointment, series = a_booking(), a_booked_series(clinic)
        mood.start_mood_schedule(series.id, 7, clinic.practitioner.id, NOW)
        form = first_form(series)
        mood.answer_form(form.token, CALM, form.asked_at)
        patient = db.session.get_one(Patient, series.patient_id)
        last = list_sessions(series.id)[-1]
        appointment_operations.cancel(last.appointment.id, NOW, "online", by_patient=True)
        tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, "patient", patient.id, NOW, NOW)
        flags.raise_flag(
            FlagKind.SEEN_AT_APPOINTMENT, ("pregnancy",), patient.birth_date, NOW, "test",
            patient_id=patient.id,
        )  # fmt: skip
        update_suspensions(NOW)
        templates.save_draft(get_template(series), clinic.practitioner.id, NOW, is_new=False)
        feeds.create_feed(f"location:{clinic.location.id}", clinic.practitioner.id, NOW)
        endpoint = webhooks.create_endpoint(
            "https://hooks.example.com/clinic", [EventKind.BOOKED], clinic.front_desk.id, NOW
        )
        delivery = webhooks.send_test(endpoint.id, clinic.front_desk.id, NOW)
        join_waitlist(appointment.id, a_wish(clinic.location.id), NOW, "online")
        (made,) = tick(NOW)
        invitation = invitations.make_invitation(clinic.front_desk, NOW, "test")
        a_manager()
        a_load()
        note = notes.write_note(patient.id, "Test", clinic.practitioner.id, NOW)
        other, merged = a_patient(), a_patient()
        receive_reply("SM1", "+16025550142", "+16025550100", "May I come at five instead?", NOW)
        (text,) = list_texts_from("+16025550142", 1)
        mail_token = email_preferences.assign_tokens([str(patient.email)], NOW)[str(patient.email)]
        merge = merging.merge_patients(
            other.id, merged.id, (), clinic.front_desk.id, NOW.date(), NOW
        )
    return {
        **SAMPLES, "token": appointment.token, "appointment_id": appointment.id,
        "patient_id": patient.id, "series_id": series.id, "session_id": last.session.id,
        "template_id": series.template_id, "offer_token": made.token,
        "form_token": form.token, "mail_token": mail_token, "invitation_token": invitation.token,
        "staff_id": clinic.practitioner.id,
        "other_id": other.id, "merge_id": merge.id,
        "endpoint_id": endpoint.id, "delivery_id": delivery.id, "note_id": note.id, "text_id": text.id,
    }  # fmt: skip
