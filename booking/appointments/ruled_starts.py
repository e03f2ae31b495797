"""Every rule that decides when an appointment can be booked at the desk, or moved: for "why not then?".

A page asks them of a time to say all that stands against it; the operations refuse the same.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from booking.appointments.conflicts import list_occupying_appointments
from booking.appointments.guards import list_move_blockers
from booking.appointments.impossible import get_demand
from booking.appointments.models import Appointment
from booking.appointments.move_slots import move_window
from booking.appointments.patient_booking import NotAnAdult, OpenFlag, list_booking_refusals
from booking.appointments.patient_rules import (
    PatientRule,
    list_clearance_rules,
    list_patient_rules,
)
from booking.appointments.rules import Action, ActionNotAllowed, require_action_allowed
from booking.calendars import availability
from booking.calendars.catalogue import BookableService
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import OVERRIDES, CalendarRule, OverriddenBy
from booking.calendars.ruled_days import Blocker, RuledDay, StartRule
from booking.calendars.ruled_starts import read_ruled_days
from booking.calendars.rules import ResourceDemand
from booking.calendars.start_rules import list_online_rules
from booking.patients.models import Patient
from booking.screening import operations as screening

A_DAY = timedelta(days=1)  # other locations' days begin at other instants


REFUSAL_RULES = {NotAnAdult: PatientRule.MINOR, OpenFlag: PatientRule.CALL_FIRST}


def read_booking_rules(
    patient: Patient,
    service: BookableService,
    location: LocationCalendar,
    first: date,
    last: date,
    now: datetime,
) -> list[RuledDay]:
    """Return local days [first, last] as each rule sees them by which staff book a service for a patient.

    Of any service but infusions, which series book. What binds online alone is among the rules.
    """
    demand = service.demand
    others = _list_others(patient.id, first, last)
    return [
        ruled.with_rules(
            [
                *list_patient_rules(ruled.day, demand, others, is_infusion=False),
                *_list_refusal_rules(patient, ruled.day.local_date),
                *_list_service_rules(ruled, service, now),
            ]
        )
        for ruled in read_ruled_days(location, demand, first, last, now)
    ]


def read_move_rules(
    appointment: Appointment,
    location: LocationCalendar,
    first: date,
    last: date,
    now: datetime,
) -> list[RuledDay]:
    """Return local days [first, last] as each rule sees them by which an appointment is moved there.

    Its own time counts as free. What binds its patient's own link alone is among the rules.
    """
    catalogue = availability.current_catalogue()
    service = catalogue.services_by_id[appointment.service_id]
    demand = get_demand(appointment, service)
    ruled_days = read_ruled_days(location, demand, first, last, now, besides=appointment.id)
    of_guards = list_move_blockers(appointment, [ruled.day.local_date for ruled in ruled_days])
    of_patient = _list_moved_patient_rules(appointment, demand, ruled_days)
    constant = _list_state_rules(appointment, now)
    if location.slug not in catalogue.locations:
        constant.append(StartRule.against_day(CalendarRule.LOCATION_GONE))
    window = move_window(service, location, now)
    return [
        ruled.with_rules(
            [
                *constant,
                *rules,
                *map(day_rule, of_guards[ruled.day.local_date]),
                *list_online_rules(ruled.day, window),
            ]
        )
        for ruled, rules in zip(ruled_days, of_patient, strict=True)
    ]


def day_rule(blocker: Blocker) -> StartRule:
    """Return a blocker that holds all day as a rule of that day."""
    return StartRule.against_day(blocker.rule, blocker.override, **blocker.facts)


def _list_others(patient_id: int, first: date, last: date) -> list[Appointment]:
    return list_occupying_appointments(patient_id, first - A_DAY, last + A_DAY)


def _list_moved_patient_rules(
    appointment: Appointment, demand: ResourceDemand, ruled_days: Sequence[RuledDay]
) -> list[list[StartRule]]:
    """Return, for each day, the rules about whoever is moved."""
    if appointment.patient_id is None:
        return [[] for _ in ruled_days]
    first, last = ruled_days[0].day.local_date, ruled_days[-1].day.local_date
    occupying = _list_others(appointment.patient_id, first, last)
    others = [other for other in occupying if other.id != appointment.id]
    basis = screening.get_standing(appointment.patient_id) if appointment.is_infusion else None
    return [
        [
            *list_patient_rules(ruled.day, demand, others, is_infusion=appointment.is_infusion),
            *(list_clearance_rules(basis, ruled.day.local_date) if basis else []),
        ]
        for ruled in ruled_days
    ]


def _list_state_rules(appointment: Appointment, now: datetime) -> list[StartRule]:
    """Return the rule that an appointment is booked, and hasn't begun; past its start the desk says why."""
    try:
        require_action_allowed(Action.MOVE, appointment.status, appointment.starts_at, now)
    except ActionNotAllowed as refusal:
        is_late = refusal.reason == "has_started"
        override = OverriddenBy.STAFF if is_late else OverriddenBy.NOBODY
        return [StartRule.against_day(PatientRule.NOT_MOVABLE, override, reason=refusal.reason)]
    return []


def _list_refusal_rules(patient: Patient, day: date) -> list[StartRule]:
    return [
        StartRule.against_day(REFUSAL_RULES[type(refusal)])
        for refusal in list_booking_refusals(patient, day)
    ]


def _list_service_rules(
    ruled: RuledDay, service: BookableService, now: datetime
) -> list[StartRule]:
    """Return what binds those who book a service online."""
    if not service.bookable_online:
        return [StartRule.against_day(CalendarRule.NOT_ONLINE, OVERRIDES[CalendarRule.NOT_ONLINE])]
    return list_online_rules(ruled.day, move_window(service, ruled.location, now))
