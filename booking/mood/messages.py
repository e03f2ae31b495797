"""How somebody is asked for a form: by text where that takes no reminder's place, else by e-mail."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import force_locale

from booking.appointments.models import Appointment
from booking.clock import local_date
from booking.locations import operations as locations
from booking.messaging import operations as messaging
from booking.messaging import opt_outs
from booking.messaging.operations import MessageDraft
from booking.messaging.queries import list_text_times
from booking.messaging.rendering import Draft, RenderedMessage
from booking.messaging.rules import REMINDER_WINDOW, Channel
from booking.mood.models import MoodForm
from booking.mood.queries import filter_askable_forms
from booking.mood.rules import has_room_for_text
from booking.patients.models import Patient
from booking.reminders.contexts import build_message_context, form_url, list_addresses
from booking.reminders.message_specs import MESSAGE_SPECS
from booking.reminders.persons import get_recipient_zone, person_key
from booking.reminders.queries import parse_topic_numbers
from booking.reminders.rendering import recipient_name_on_phone
from booking.reminders.rules import MessageKind
from booking.reminders.texts import MessageText
from booking.reminders.topics import FORM, form_topic, parse_topic

KIND = MessageKind.FORM


def list_form_addresses(patient: Patient) -> dict[Channel, str]:
    """Return where a patient may be asked for forms: what is on file, but no number that said STOP."""
    addresses = list_addresses(patient, patient.contact)
    if opt_outs.is_opted_out(addresses.get(Channel.SMS, "")):
        del addresses[Channel.SMS]
    return addresses


def choose_channel(patient: Patient, now: datetime, time_zone: str) -> Channel | None:
    """Return how to ask a patient today; None when there is no way, or no room for a text and no e-mail."""
    channels = list_form_addresses(patient).keys()
    times = list_text_times(person_key(patient), now - REMINDER_WINDOW)
    text_days = [local_date(instant, time_zone) for instant in times]
    if Channel.SMS in channels and has_room_for_text(text_days, local_date(now, time_zone)):
        return Channel.SMS
    return Channel.EMAIL if Channel.EMAIL in channels else None


def enqueue_form_message(
    form: MoodForm, patient: Patient, channel: Channel, appointment: Appointment, now: datetime
) -> None:
    """Owe the message that asks for a form, in the transaction that makes it, in the name of a location."""
    address = list_form_addresses(patient)[channel]
    text = _render(form, patient, channel, address, appointment, now)
    messaging.enqueue(
        MessageDraft(
            topic=form_topic(form.id),
            revision=0,
            kind=KIND.value,
            channel=channel,
            recipient=address,
            person=person_key(patient),
            subject=text.subject,
            body=text.body,
            send_at=now,
            expires_at=form.expires_at,
            time_zone=get_recipient_zone(patient, appointment.location_id),
            language=patient.language,
        ),
        now,
    )


def _render(
    form: MoodForm,
    patient: Patient,
    channel: Channel,
    address: str,
    appointment: Appointment,
    now: datetime,
) -> MessageText:
    zone = ZoneInfo(locations.get_location(appointment.location_id).time_zone)
    name = recipient_name_on_phone(address, patient, now) if channel is Channel.SMS else ""
    context = build_message_context(
        appointment, patient.contact, today=now.astimezone(zone).date(), recipient_name=name
    )
    with force_locale(patient.language):
        return MESSAGE_SPECS[KIND].words.render(
            channel, replace(context, link=form_url(form.token))
        )


def withhold_outdated(
    drafts: Sequence[Draft], _now: datetime
) -> Mapping[int, RenderedMessage | None]:
    """Return None for messages whose form is no longer asked for, as they are about to be sent.

    It is answered, switched off, or the series is over or suspended. Others keep their words.
    """
    form_ids = parse_topic_numbers(FORM, {draft.topic for draft in drafts})
    current_topics = {form_topic(form_id) for form_id in filter_askable_forms(form_ids)}
    return {
        draft.id: None
        for draft in drafts
        if parse_topic(draft.topic)[0] == FORM and draft.topic not in current_topics
    }
