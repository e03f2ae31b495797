"""Every rule that decides when a session can be placed, or moved: for "why not then?"."""

from datetime import date, datetime

from booking.appointments.conflicts import list_occupying_appointments
from booking.appointments.models import Appointment
from booking.appointments.patient_rules import list_clearance_rules, list_patient_rules
from booking.appointments.ruled_starts import A_DAY, day_rule, read_move_rules
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import CalendarRule, OverriddenBy
from booking.calendars.ruled_days import RuledDay, StartRule
from booking.calendars.ruled_starts import read_ruled_days
from booking.calendars.rules import ResourceDemand
from booking.screening import operations as screening
from booking.series.gap_blockers import describe_gap_problem
from booking.series.gap_rules import SeriesRule
from booking.series.gaps import read_series_gaps
from booking.series.models import InfusionSeries, Session
from booking.series.queries import (
    find_session_of_appointment,
    get_phases,
    get_series,
    is_placeable,
)
from booking.series.series_calendars import INFUSION
from booking.series.session_rules import read_session_terms


def get_session_demand(session: Session, location: LocationCalendar) -> ResourceDemand:
    """Return what an appointment of a session occupies at a location."""
    phase = get_phases(get_series(session.series_id))[session.phase]
    services = availability.current_catalogue().services_by_id.values()
    service = next(service for service in services if service.slug == INFUSION)
    return service.infusion_demand(*phase.parts, location)


def read_placing_rules(
    session: Session, location: LocationCalendar, first: date, last: date, now: datetime
) -> list[RuledDay]:
    """Return local days [first, last] at a location as each rule sees them by which a session is placed."""
    series, gaps = get_series(session.series_id), read_series_gaps(session)
    demand = get_session_demand(session, location)
    others = list_occupying_appointments(series.patient_id, first - A_DAY, last + A_DAY)
    basis = screening.get_standing(series.patient_id)
    terms = read_session_terms(series, session.number, first, last)
    state_rules = _list_state_rules(session, series, location)
    return [
        ruled.with_rules(
            [
                *state_rules,
                *list_patient_rules(ruled.day, demand, others, is_infusion=True),
                *list_clearance_rules(basis, ruled.day.local_date),
                *terms.list_rules(location, ruled.day, OverriddenBy.FRONT_DESK),
                *(
                    day_rule(describe_gap_problem(problem))
                    for problem in gaps.list_placing_problems(session, ruled.day.local_date)
                ),
            ]
        )
        for ruled in read_ruled_days(location, demand, first, last, now)
    ]


def read_session_move_rules(
    appointment: Appointment, location: LocationCalendar, first: date, last: date, now: datetime
) -> list[RuledDay]:
    """Return local days as `read_move_rules` does, with what binds a session that the appointment holds."""
    days = read_move_rules(appointment, location, first, last, now)
    session = find_session_of_appointment(appointment.id)
    if session is None:
        return days
    terms = read_session_terms(get_series(session.series_id), session.number, first, last)
    return [
        ruled.with_rules(terms.list_rules(location, ruled.day, OverriddenBy.FRONT_DESK))
        for ruled in days
    ]


def _list_state_rules(
    session: Session, series: InfusionSeries, location: LocationCalendar
) -> list[StartRule]:
    """Return the rules that hold on any day: the session waits for a time, infusions are offered here."""
    catalogue, rules = availability.current_catalogue(), []
    if not is_placeable(session, series):
        rules.append(StartRule.against_day(SeriesRule.NOT_PLACEABLE))
    if location.slug not in catalogue.locations or INFUSION not in catalogue.services:
        rules.append(StartRule.against_day(CalendarRule.LOCATION_GONE))
    return rules
