"""Why not then, for a session of a plan: what the rules name is what the checker finds."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from booking.appointments.patient_rules import PatientRule
from booking.calendars import availability
from booking.calendars.local_days import minute_of_day
from booking.calendars.overrides import CalendarRule, OverriddenBy
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.series import operations as series_operations
from booking.series.authorisation_records import record_authorisation
from booking.series.authorisations import AuthorisedSessions
from booking.series.booking import SessionStart
from booking.series.gap_rules import SeriesRule
from booking.series.models import InfusionSeries
from booking.series.plan_rules import PlanBasis
from booking.series.planning.checker import check_plan
from booking.series.planning.requests import PlannedSession, PlanSlot
from booking.series.planning.slot_costs import CostLevel
from booking.series.preferences import Preferences, TimeWindow
from booking.series.slot_choices import SlotChoices, read_slot_choices
from tests.builders import (
    NOW,
    PHOENIX,
    TOMORROW,
    Clinic,
    a_clinic,
    a_closure,
    an_infusion,
    local,
)
from tests.series.prescribed import a_series

SLUGS = ("ahwatukee", "scottsdale")


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    clinic = a_clinic(chairs=1, nurses=1)
    a_clinic(slug="scottsdale", chairs=1, nurses=1)
    return clinic


@pytest.fixture
def series(clinic: Clinic) -> InfusionSeries:
    """A prescribed series of somebody who asks for much, in a clinic where something stands against it."""
    series = a_series(clinic)
    patient = db.session.get_one(Patient, series.patient_id)
    an_infusion(clinic, local(11, day=date(2026, 12, 20)), patient)
    for hour in (9, 10):
        an_infusion(clinic, local(hour, hour % 9 * 30, day=date(2026, 12, 4)))
    a_closure(clinic.location, date(2026, 12, 8))
    covered = AuthorisedSessions(7, TOMORROW, date(2026, 12, 19))
    record_authorisation(series.id, covered, "A-1", clinic.front_desk.id, NOW)
    only = TimeWindow(frozenset({0, 1, 2, 3, 4}), time(9), time(13))
    with transaction():
        row = db.session.get_one(InfusionSeries, series.id)
        row.preferences = Preferences(only=only, locations=("scottsdale",)).to_dict()
    return row


def choices(series: InfusionSeries, number: int = 1) -> SlotChoices:
    found = read_slot_choices(db.session.get_one(InfusionSeries, series.id), number, {}, NOW)
    assert found is not None
    return found


def blockers(basis: PlanBasis, number: int, slug: str, start: datetime) -> list[tuple[str, str]]:
    location = availability.current_catalogue().locations[slug]
    ruled = basis.read_rules(number, location, start.astimezone(PHOENIX).date(), NOW)
    return [(each.rule, each.override) for each in ruled.blockers_at(start)]


def changed(basis: PlanBasis, number: int, slug: str, start: datetime) -> list[PlannedSession]:
    day = start.astimezone(PHOENIX).date()
    slot = PlanSlot(slug, day, minute_of_day(start, PHOENIX))
    return [replace(s, slot=slot) if s.number == number else s for s in basis.sessions]


def test_a_session_can_be_where_no_rule_stands_against_it(series: InfusionSeries) -> None:
    basis = choices(series).basis
    request = basis.request

    @settings(
        max_examples=250,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
        phases=(Phase.generate,),
    )
    @given(
        st.sampled_from(request.numbers),
        st.sampled_from(SLUGS),
        st.integers(-3, 45),
        st.one_of(
            st.sampled_from([540, 555, 600, 780, 795]), st.integers(96, 230).map(lambda n: n * 5)
        ),
    )
    def check(number: int, slug: str, days: int, minute: int) -> None:
        start = local(minute // 60, minute % 60, day=TOMORROW + timedelta(days=days))
        against = blockers(basis, number, slug, start)
        violations = check_plan(request, changed(basis, number, slug, start))
        assert (not against) is (not violations), (against, violations)
        assert {override for _, override in against} <= {OverriddenBy.NOBODY}

    check()


def test_what_a_session_can_have_with_the_others_around_it_has_no_rule_against_it(
    series: InfusionSeries,
) -> None:
    offered = choices(series, 3)
    now = offered.session.day
    for days in range(-4, 9):
        for slug in SLUGS:
            for minute in range(8 * 60, 14 * 60, 25):
                start = local(minute // 60, minute % 60, day=now + timedelta(days=days))
                slot = PlanSlot(slug, now + timedelta(days=days), minute)
                location = availability.current_catalogue().locations[slug]
                ruled = offered.basis.read_rules(3, location, slot.day, NOW, offered.costs)
                assert (not ruled.blockers_at(start)) is (slot in offered.costs), slot


def test_a_plan_with_a_session_elsewhere_is_booked(series: InfusionSeries) -> None:
    basis = choices(series).basis
    third = basis.sessions[2]
    later = basis.calendar.starts_at(third.slot) + timedelta(hours=1)
    assert blockers(basis, 3, third.slot.location, later) == []
    starts = [
        SessionStart(each.slot.location, basis.calendar.starts_at(each.slot))
        for each in changed(basis, 3, third.slot.location, later)
    ]
    series_operations.book_plan(series.id, starts, NOW, "staff:1")


@pytest.mark.parametrize(
    ("day", "hour", "expected"),
    [
        (date(2026, 11, 30), 10, {SeriesRule.BEFORE_START}),
        (date(2026, 12, 5), 10, {SeriesRule.OTHER_WEEKDAY}),
        (date(2026, 12, 3), 14, {SeriesRule.OTHER_TIME}),
        (date(2026, 12, 8), 10, {CalendarRule.CLOSED}),
        (date(2026, 12, 21), 10, {SeriesRule.INFUSION_TOO_CLOSE, SeriesRule.NOT_AUTHORISED}),
        (date(2027, 3, 1), 10, {SeriesRule.BEYOND_PLAN}),
        (date(2026, 12, 4), 10, {CalendarRule.CHAIR}),
    ],
)
def test_what_stands_against_a_session_is_named(
    series: InfusionSeries, day: date, hour: int, expected: set[str]
) -> None:
    basis = choices(series).basis
    named = {rule for rule, _ in blockers(basis, 4, "ahwatukee", local(hour, day=day))}
    assert expected <= named
    if day < date(2026, 11, 30) + timedelta(days=3):
        assert SeriesRule.OUT_OF_ORDER in named


def test_other_infusions_of_the_patient_take_their_days(series: InfusionSeries) -> None:
    basis = choices(series).basis
    named = blockers(basis, 6, "scottsdale", local(11, day=date(2026, 12, 20)))
    assert (PatientRule.INFUSION_THAT_DAY, OverriddenBy.NOBODY) in named
    assert (PatientRule.BUSY, OverriddenBy.NOBODY) in named


def test_every_slot_that_has_a_price_is_free_by_all_rules(series: InfusionSeries) -> None:
    offered = choices(series, 2)
    assert offered.costs[offered.session.slot].level is CostLevel.BEST
    basis = offered.basis
    soon = sorted(slot for slot in offered.costs if slot.day == offered.session.day)
    assert len(soon) > 3
    for slot in soon:
        assert blockers(basis, 2, slot.location, basis.calendar.starts_at(slot)) == []


def test_a_slot_that_went_leaves_no_choice(series: InfusionSeries) -> None:
    gone = PlanSlot("ahwatukee", date(2026, 12, 8), 540)
    assert read_slot_choices(series, 2, {1: gone}, NOW) is None
    assert read_slot_choices(series, 99, {}, NOW) is None
