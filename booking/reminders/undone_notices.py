"""What patients were told of a change that is about to be undone; what wasn't sent is not to be."""

from booking.appointments.models import Appointment
from booking.messaging import operations as messaging
from booking.messaging.queries import list_tried
from booking.reminders.topics import appointment_topic, list_topics, tells_of_revision


class AppointmentNotices:
    """Registered with `appointments`: it knows what of a change has left, by itself or in a list."""

    def was_told(self, appointment: Appointment) -> bool:
        """Tell whether a message of an appointment's present revision was tried."""
        tried_messages = list_tried(list_topics(appointment))
        return any(tells_of_revision(message, appointment) for message in tried_messages)

    def withdraw(self, appointment: Appointment) -> None:
        """Drop what was planned of later revisions: their numbers are given again to the next change."""
        messaging.delete_untried(appointment_topic(appointment.id), appointment.sequence)
