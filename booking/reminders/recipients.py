"""Whom a question goes to that is asked once: by the one channel on which its answer is likeliest."""

from dataclasses import dataclass

from booking.appointments.models import Appointment
from booking.messaging import opt_outs
from booking.messaging.rules import Channel
from booking.patients.models import Patient
from booking.reminders.contexts import AppointmentRecipient, get_recipient, list_addresses
from booking.reminders.policies import list_dated_rules
from booking.reminders.rules import AT_BOOKING


@dataclass(frozen=True, slots=True)
class ChannelRecipient:
    """Who is asked about an appointment, by which channel, and at which number or address."""

    recipient: AppointmentRecipient
    channel: Channel

    @property
    def address(self) -> str:
        """The number (E.164) or e-mail address."""
        return self.recipient.addresses[self.channel]


def find_channel_recipient(appointment: Appointment) -> ChannelRecipient | None:
    """Return by text who agreed to texts, if safe and not stopped, else by e-mail; None when by neither."""
    recipient = get_recipient(appointment)
    phone = recipient.addresses.get(Channel.SMS) if recipient.patient.safe_to_text else None
    if phone is not None and not opt_outs.is_opted_out(phone):
        return ChannelRecipient(recipient, Channel.SMS)
    if Channel.EMAIL in recipient.addresses:
        return ChannelRecipient(recipient, Channel.EMAIL)
    return None


def is_reachable(patient: Patient) -> bool:
    """Tell whether messages reach a patient at what is on file: by text, not stopped, or by e-mail."""
    return bool(_list_reaching_channels(patient))


def is_booking_confirmed(patient: Patient) -> bool:
    """Tell whether the rules in force confirm what is booked now by a channel that reaches a patient."""
    confirming = {each.rule.channel for each in list_dated_rules() if each.rule.kind in AT_BOOKING}
    return not confirming.isdisjoint(_list_reaching_channels(patient))


def _list_reaching_channels(patient: Patient) -> set[Channel]:
    addresses = list_addresses(patient, patient.contact)
    phone = addresses.get(Channel.SMS)
    is_stopped = phone is not None and opt_outs.is_opted_out(phone)
    return set(addresses) - ({Channel.SMS} if is_stopped else set())
