"""What is decided in a life of series: by a practitioner, as they would at the desk."""

from dataclasses import replace
from datetime import date

from booking.screening import operations as screening
from booking.screening.rules import Finding
from booking.series import (
    absences,
    authorisation_records,
    endings,
    frequency_changes,
    pauses,
    personal_changes,
    repeats,
    resumptions,
    suspensions,
)
from booking.series import operations as series_operations
from booking.series.absence_queries import list_absences
from booking.series.authorisations import AuthorisedSessions
from booking.series.models import Session
from booking.series.pause_queries import find_undecided_pause
from booking.series.pause_rules import PauseDays
from booking.series.progress import SeriesStatus
from booking.series.resumptions import Resumption
from booking.series.rules import Gap
from tests.series.life import A_DAY, Life
from tests.series.prescribed import RECOMMENDED


class DecidedLife(Life):
    """A life in which a practitioner decides, too."""

    def pause(self, first: int, days: int | None) -> None:
        begin = self.today + first * A_DAY
        last = None if days is None else begin + days * A_DAY
        pauses.pause_series(
            self.series.id, PauseDays(begin, last), self.clinic.practitioner.id,
            self.now, reason="Rest",
        )  # fmt: skip

    def resume(self, phase: int | None) -> None:
        """Decide after a pause: go on, or with a phase once more."""
        if find_undecided_pause(self.series.id) is None:
            return
        resumption = Resumption(self.today + A_DAY, phase)
        tail = resumptions.preview_resumption(self.series, resumption, self.now)
        resumptions.resume_series(
            self.series.id, resumption, self.clinic.practitioner.id, self.now, reason="Well",
            expected_key=tail.key,
        )  # fmt: skip

    def change_frequency(self, days: int) -> None:
        args = (self.today + 7 * A_DAY,)
        tail = frequency_changes.preview_frequency(self.series, days, *args, self.now)
        frequency_changes.change_frequency(
            self.series.id, days, *args, self.clinic.practitioner.id, self.now, reason="Better",
            expected_key=tail.key,
        )  # fmt: skip

    def repeat(self) -> None:
        """Give the first phase once more, though the series does not rest."""
        tail = repeats.preview_repeat(self.series, 0, self.now)
        repeats.repeat_phase(
            self.series.id, 0, self.clinic.practitioner.id, self.now, reason="Too long without",
            expected_key=tail.key,
        )  # fmt: skip

    def end(self, kind: str, count: int) -> None:
        """Set an end by day or by number, take it away, or end the series at once."""
        if kind == "now":
            endings.end_series(
                self.series.id, self.clinic.practitioner.id, self.now, reason="Enough"
            )
            return
        last_day = self.today + count * A_DAY if kind == "day" else None
        series_end = endings.SeriesEnd(last_day, count if kind == "number" else None)
        endings.end_series_after(
            self.series.id, series_end, self.clinic.practitioner.id, self.now, reason="As agreed"
        )

    def withdraw_clearance(self) -> None:
        """Find the patient not suitable for now: what is to come is suspended."""
        screening.record_finding(
            self.patient, Finding.DEFERRED, self.clinic.practitioner.id, self.now
        )
        suspensions.update_patient_suspension(self.patient.id, self.now)

    def clear_again(self, days: int) -> None:
        """Find the patient suitable again, for so many days, or for good."""
        suspensions.resume_treatment(
            self.patient.id, self.clinic.practitioner.id, self.now, reason="Well",
            valid_until=self.today + days * A_DAY if days else None,
        )  # fmt: skip

    def withdraw_prescription(self) -> None:
        """Take back what is prescribed and not booked; then prescribe and book anew."""
        if self.series.status is SeriesStatus.PROPOSED:
            series_operations.withdraw_prescription(
                self.series.id, self.now, self.doctor, reason="Not now"
            )

    def authorise(self, sessions: int, days: int) -> None:
        """Record what a payer covers; what was recorded before counts no more."""
        for record in authorisation_records.list_authorisations(self.series.id):
            authorisation_records.end_authorisation(
                record.id, self.clinic.practitioner.id, self.now
            )
        window = AuthorisedSessions(sessions, self.today, self.today + days * A_DAY)
        authorisation_records.record_authorisation(
            self.series.id, window, "A-1", self.clinic.practitioner.id, self.now
        )

    def change_phases(self, which: int, sessions: int, most: int) -> None:
        """Make the phases from some session on the patient's own."""
        numbers = personal_changes.list_changeable_numbers(self.series, self.now)
        first_number = numbers[which % len(numbers)]
        gap = Gap(2, 3, 4, most)
        rest = (replace(RECOMMENDED[0], sessions=sessions, gap=gap), RECOMMENDED[1])
        args = (self.series, first_number, rest, self.now)
        personal_changes.change_phases(
            self.series.id, first_number, rest, self.clinic.practitioner.id, self.now,
            reason="Own pace", expected_key=personal_changes.preview_phases(*args).key,
        )  # fmt: skip

    def give_up(self, session: Session) -> None:
        series_operations.give_up_session(
            session.id, self.clinic.practitioner.id, self.now, reason="Not needed"
        )

    def stop(self) -> None:
        endings.stop_series(self.series.id, self.now, self.doctor, reason="Enough")

    def come_back(self) -> None:
        """Forget the days on which the patient was to be away."""
        for absence in list_absences(self.patient.id, date.min):
            absences.remove_absence(absence.id, self.clinic.practitioner.id, self.now)
