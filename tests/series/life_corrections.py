"""What is done on a day of a series and turns out otherwise: undone, corrected, or late after all."""

from sqlalchemy import select

from booking.appointments import attendance
from booking.appointments.models import Appointment
from booking.appointments.rules import Outcome, Status
from booking.appointments.undoing import find_undoable_change, undo_change
from booking.extensions import db
from tests.series.life_decisions import DecidedLife


class CorrectedLife(DecidedLife):
    """A life in which the desk takes back what it did, while the day lasts."""

    def undo(self, which: int) -> None:
        """Undo one of the changes that can be undone now, as the desk is shown them."""
        changes = [
            change
            for appointment in self._appointments()
            if (change := find_undoable_change(appointment, self.now))
        ]
        if changes:
            change = changes[which % len(changes)]
            undo_change(change.appointment_id, change.id, self.now, self.doctor)

    def come_late(self) -> None:
        """Check in who was marked as not having come today."""
        for appointment in self._appointments(Status.NOSHOW):
            if attendance.is_its_day(appointment, self.now):
                self.check_in(appointment)

    def correct_outcome(self, outcome: Outcome) -> None:
        """Record another outcome of what took place today."""
        for appointment in self._appointments(Status.FULFILLED):
            if attendance.is_its_day(appointment, self.now):
                attendance.fulfil(appointment.id, outcome, self.now, self.doctor)

    def _appointments(self, *statuses: Status) -> list[Appointment]:
        query = select(Appointment).filter_by(patient_id=self.patient.id).order_by(Appointment.id)
        return [
            each for each in db.session.scalars(query) if each.status in (statuses or tuple(Status))
        ]
