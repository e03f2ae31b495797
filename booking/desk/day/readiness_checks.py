"""Whether all is in order for the infusions of a day, and what is missing: in words, nothing clinical."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from booking.appointments.models import Appointment
from booking.appointments.readiness import readiness_asked_at
from booking.appointments.rules import OCCUPYING_STATES
from booking.appointments.treatments import facts_by_appointment
from booking.desk.day.day_view import AppointmentDetails
from booking.desk.words import explain_clearance
from booking.patients.operations import record_ids_by_patient
from booking.patients.queries import list_consents
from booking.screening.operations import standings_by_patient
from booking.screening.rules import Clearance, ClearanceBasis
from booking.series.session_authorisations import authorised_by_appointment
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind


@dataclass(frozen=True, slots=True)
class ReadinessCheck:
    """One thing that must be in order for an infusion: whether it is, and as what it is said."""

    is_met: bool
    text: str


@dataclass(frozen=True, slots=True)
class PreparationFacts:
    """What was read for the infusions of a day: by patient, or by appointment."""

    standings: dict[int, ClearanceBasis]
    asked_about_texts: Collection[int]
    unreachable: Collection[int]
    authorised: dict[int, bool]
    with_ride: Collection[int]


def readiness_checks_by_appointment(
    details: Iterable[AppointmentDetails], now: datetime
) -> dict[int, list[ReadinessCheck]]:
    """Return, by appointment, what must be in order for each infusion to come; a fixed number of queries."""
    coming = [
        each
        for each in details
        if each.appointment.is_infusion and each.appointment.status in OCCUPYING_STATES
    ]
    facts = _read_facts(coming) if coming else None
    return {each.appointment.id: _list_checks(each, facts, now) for each in coming if facts}


def _read_facts(coming: Sequence[AppointmentDetails]) -> PreparationFacts:
    patient_ids = {each.patient.id for each in coming}
    ids = [each.appointment.id for each in coming]
    records = record_ids_by_patient(patient_ids)
    record_ids = {record_id for ids_of_person in records.values() for record_id in ids_of_person}
    consenting = {consent.patient_id for consent in list_consents(record_ids)}
    broken = {
        task.subject_id
        for task in tasks.list_open_tasks(TaskKind.MEND_CONTACT)
        if task.subject_kind == "patient"
    }
    return PreparationFacts(
        standings=standings_by_patient(patient_ids),
        asked_about_texts={key for key in patient_ids if consenting.intersection(records[key])},
        unreachable={key for key in patient_ids if broken.intersection(records[key])},
        authorised=authorised_by_appointment(ids),
        with_ride={key for key, value in facts_by_appointment(ids).items() if value.ride_at},
    )


def _list_checks(
    details: AppointmentDetails, facts: PreparationFacts, now: datetime
) -> list[ReadinessCheck]:
    appointment, patient_id = details.appointment, details.patient.id
    clearance = facts.standings[patient_id].clearance_on(appointment.local_date)
    checks = [_clearance_check(clearance), _screening_check(len(details.flags))]
    if appointment.id in facts.authorised:
        checks.append(_authorisation_check(facts.authorised[appointment.id]))
    if now >= readiness_asked_at(appointment):
        checks.append(_ride_check(details, appointment, facts))
    return [*checks, *_contact_checks(details, facts)]


def _clearance_check(clearance: Clearance) -> ReadinessCheck:
    is_cleared = clearance is Clearance.CLEARED
    return ReadinessCheck(is_cleared, _("cleared") if is_cleared else explain_clearance(clearance))


def _screening_check(flags: int) -> ReadinessCheck:
    return ReadinessCheck(not flags, _("Flag: practitioner decides") if flags else _("no flags"))


def _authorisation_check(is_authorised: bool) -> ReadinessCheck:
    text = _("authorised") if is_authorised else _("Not authorised by the payer for this day")
    return ReadinessCheck(is_authorised, text)


def _ride_check(
    details: AppointmentDetails, appointment: Appointment, facts: PreparationFacts
) -> ReadinessCheck:
    has_ride = details.readiness.has_ride if details.readiness else None
    if appointment.id in facts.with_ride or has_ride:
        return ReadinessCheck(True, _("ride"))
    return ReadinessCheck(
        False, _("Ride not named: ask") if has_ride is None else _("No ride home")
    )


def _contact_checks(details: AppointmentDetails, facts: PreparationFacts) -> list[ReadinessCheck]:
    is_reachable = bool(details.contact.phone) and details.patient.id not in facts.unreachable
    reach = _("phone") if is_reachable else _("No phone that works: ask for a number")
    is_asked = details.patient.id in facts.asked_about_texts
    texts = _("asked about texts") if is_asked else _("Never asked whether texts are welcome")
    return [ReadinessCheck(is_reachable, reach), ReadinessCheck(is_asked, texts)]
