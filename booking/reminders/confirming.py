"""By which channels the rules in force confirm an appointment, alone or in a series' list."""

from datetime import datetime

from booking.appointments.models import Appointment
from booking.messaging import operations as messaging
from booking.messaging.rules import Channel
from booking.reminders.contexts import appointment_facts, get_recipient
from booking.reminders.dated_rules import select_rules
from booking.reminders.policies import list_dated_rules
from booking.reminders.rules import AT_BOOKING, MessageKind
from booking.reminders.topics import appointment_topic, series_topic


def informed_at(appointment: Appointment, now: datetime) -> datetime:
    """Return when the appointment's time was set: at booking, or, once moved, when that was first seen."""
    if appointment.sequence == 0:
        return appointment.booked_at or now
    return (
        messaging.first_enqueued_at(appointment_topic(appointment.id), appointment.sequence) or now
    )


def list_confirming_channels(appointment: Appointment, now: datetime) -> frozenset[Channel]:
    """Return the channels by which the rules confirm an appointment, wherever its patient is reached."""
    facts = appointment_facts(
        appointment, get_recipient(appointment), informed_at(appointment, now)
    )
    rules = select_rules(facts, list_dated_rules())
    return frozenset(rule.channel for rule in rules if rule.kind in AT_BOOKING)


def take_back_unconfirmed_list(
    series_id: int | None, appointment: Appointment, now: datetime
) -> None:
    """Take back what is planned of a series' list of bookings by channels that confirm no more."""
    if series_id is None:
        return
    confirming, kind = list_confirming_channels(appointment, now), MessageKind.CONFIRMATION.value
    messaging.cancel_planned_kind(series_topic(series_id), kind, now, confirming)
