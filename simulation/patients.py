"""What patients do: book online, move, cancel, wait for something sooner, and answer texts."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select

from booking.appointments.booking import BookingDetails, BookingRequest, book_slot
from booking.appointments.guards import ChangeRefused
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import PatientBusy, PatientNotBookable
from booking.appointments.rules import ActionNotAllowed, Status
from booking.appointments.self_service import cancel_own_appointment, move_own_appointment
from booking.calendars import availability
from booking.calendars.local_days import iter_bits
from booking.calendars.operations import SlotTaken
from booking.extensions import db
from booking.patients.rules import Contact
from booking.reminders.inbound import receive_reply
from booking.screening.operations import ScreeningAnswers

REFUSALS = (ActionNotAllowed, ChangeRefused, PatientBusy, PatientNotBookable, SlotTaken)
AHEAD = 10  # days in which people look for a consultation
AGREE = 0.9  # to texts
SHARED = 0.1  # of who books with the phone of somebody before
REPLIES = (
    *("1", "1", "1", "YES", "2", "Can we make it Thursday?", "gracias", "Si", "STOP", "START"),
    *("HELP", "who is this", "running 10 min late", "I can't go on like this anymore"),
)


@dataclass
class Patients:
    """All who book at the clinic, as one throw of dice after another."""

    dice: random.Random
    phones: list[str] = field(default_factory=list)
    agreed_phones: set[str] = field(default_factory=set)  # somebody agreed to texts there
    replies: int = 0

    def book_consultation(self, now: datetime) -> None:
        """Somebody new books the first or another of the free times."""
        starts = self._free_starts(now)
        if not starts:
            return
        location, starts_at = self.dice.choice(starts)
        contact, answers, agrees = self._contact(), self._answers(), self.dice.random() < AGREE
        if agrees and contact.phone:
            self.agreed_phones.add(contact.phone)
        details = BookingDetails(contact, answers, agrees, "May we text you?")
        try:
            book_slot(BookingRequest("consultation", location, starts_at, details), now)
        except REFUSALS:
            db.session.rollback()

    def change_mind(self, now: datetime) -> None:
        """Somebody moves or cancels what is to come, by the link."""
        coming = select(Appointment).where(
            Appointment.status == Status.BOOKED, Appointment.starts_at > now
        )
        rows = db.session.scalars(coming.order_by(Appointment.id)).all()
        if not rows:
            return
        appointment, starts = self.dice.choice(rows), self._free_starts(now)
        try:
            if self.dice.random() < 0.5 or not starts:
                cancel_own_appointment(appointment.token, now)
            else:
                location, starts_at = self.dice.choice(starts)
                move_own_appointment(appointment.token, location, starts_at, now)
        except REFUSALS:
            db.session.rollback()

    def answer(self, phone: str, now: datetime) -> str:
        """Somebody answers a text; return what."""
        self.replies += 1
        body = self.dice.choice(REPLIES)
        receive_reply(f"SMin{self.replies}", phone, "+16025550100", body, now)
        return body

    def _free_starts(self, now: datetime) -> list[tuple[str, datetime]]:
        catalogue = availability.current_catalogue()
        demand = catalogue.services["consultation"].demand
        places = [(location, demand) for location in catalogue.locations.values()]
        today = now.date()
        days = availability.list_starts_by_day(places, today, today + timedelta(days=AHEAD), now)
        return [
            (location.slug, day_starts.free.day.cell_start(cell))
            for location, day_starts in days
            for cell in iter_bits(day_starts.starts)
        ]

    def _contact(self) -> Contact:
        number = len(self.phones)
        is_shared = bool(self.phones) and self.dice.random() < SHARED
        phone = self.dice.choice(self.phones) if is_shared else f"+1480{2000000 + number}"
        self.phones.append(phone)
        language = "es" if self.dice.random() < 0.2 else "en"
        return Contact(
            f"Given{number}", f"Family{number}", phone, f"p{number}@example.com", language
        )

    def _answers(self) -> ScreeningAnswers:
        questions = availability.current_catalogue().questions
        born = date(
            self.dice.randint(1950, 2004), self.dice.randint(1, 12), self.dice.randint(1, 28)
        )
        return ScreeningAnswers(
            questions.version, {question.slug: False for question in questions.questions}, born
        )
