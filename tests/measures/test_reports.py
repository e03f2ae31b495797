"""The measures of a period as the tables have them, for each location and all together."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from flask import Flask

from booking.appointments.rules import Status
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.extensions import db
from booking.measures.figures import Figure, Period, compute_default_period
from booking.measures.reports import BY_WEEK, Measure, Report, compute_report
from booking.patients.models import Patient
from booking.series.rules import Phase
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_clinic, a_patient, local
from tests.measures.lived import add_appointment, add_series
from tests.series.prescribed import RECOMMENDED, TWICE, a_template
from tests.statements import statements

M = Measure
LAST_WEEK = Period(date(2026, 11, 23), date(2026, 11, 29))
THREE = (Phase("Twice a week", 3, TWICE, 15, 45, 30), RECOMMENDED[1])


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic(weekdays=range(5), chairs=2)


def report_of(period: Period = LAST_WEEK, slugs: Sequence[str] = ("ahwatukee",)) -> Report:
    locations = availability.current_catalogue().locations
    return compute_report([locations[slug] for slug in slugs], period, NOW)


def figures_of(period: Period = LAST_WEEK) -> dict[Measure, Figure]:
    return report_of(period).figures["ahwatukee"]


def test_a_week_is_measured_by_what_took_place(clinic: Clinic) -> None:
    monday = LAST_WEEK.first
    add_appointment(clinic, local(9, day=monday))
    add_appointment(clinic, local(9, day=monday), Status.NOSHOW)
    add_appointment(clinic, local(11, day=monday), Status.CANCELLED, ended_at=local(9, day=monday))
    add_appointment(clinic, local(9, day=monday - timedelta(days=7)))  # another week's
    figures = figures_of()
    hours_there = 5 * 2 * 8
    assert figures[M.CHAIRS_SCHEDULED].value == 3 / hours_there
    assert figures[M.CHAIRS_USED].value == 1.5 / hours_there
    assert figures[M.NO_SHOWS].value == 0.5
    assert figures[M.NO_SHOWS_OF_SLOTS].whole == hours_there * 60 // 90 + 5 * 8 * 60 // 55
    assert figures[M.REFILLS].value == 0
    assert (figures[M.LEAD_MEDIAN].value, figures[M.LEAD_P90].whole) == (4.0, 2)


def test_series_are_measured_by_their_gaps_their_first_phase_and_the_wait(clinic: Clinic) -> None:
    template_id = a_template(THREE).id
    add_series(clinic, THREE, [-40, -37, -33, -26], template_id=template_id, consulted=-44)
    add_series(clinic, THREE, [-39, -30], template_id=template_id, hour=12, consulted=-45)
    figures = figures_of(Period(TOMORROW - timedelta(days=60), TOMORROW - timedelta(days=2)))
    assert (figures[M.ADHERENCE].part, figures[M.ADHERENCE].whole) == (3, 4)
    assert (figures[M.COMPLETION].part, figures[M.COMPLETION].whole) == (1, 2)
    assert (figures[M.WAIT_MEDIAN].value, figures[M.WAIT_P90].value) == (4, 6)


def test_a_consultation_on_a_record_that_was_merged_counts(clinic: Clinic) -> None:
    series = add_series(clinic, THREE, [-10])
    other = a_patient(clinic)
    with transaction():
        db.session.get_one(Patient, other.id).merged_into_id = series.patient_id
    add_appointment(
        clinic, local(9, day=TOMORROW - timedelta(days=13)), patient_id=other.id, is_infusion=False
    )
    assert figures_of(Period(TOMORROW - timedelta(days=20), TOMORROW))[M.WAIT_P90].value == 3


def test_third_next_is_the_day_of_the_third_slot(clinic: Clinic) -> None:
    assert figures_of()[M.THIRD_CONSULTATION].value == 0
    assert figures_of()[M.THIRD_INFUSION].value == 0
    for hour in range(9, 17):
        if local(hour, day=TOMORROW - timedelta(days=1)) > NOW + timedelta(hours=2):
            a_booking(local(hour, day=TOMORROW - timedelta(days=1)))
    assert figures_of()[M.THIRD_CONSULTATION].value == 1


def test_all_locations_together_are_the_sum_of_each(clinic: Clinic) -> None:
    other = a_clinic(slug="scottsdale", weekdays=range(5), chairs=3)
    add_appointment(clinic, local(9, day=LAST_WEEK.first), Status.NOSHOW)
    add_appointment(other, local(9, day=LAST_WEEK.first))
    add_appointment(other, local(11, day=LAST_WEEK.first))
    report = report_of(slugs=("ahwatukee", "scottsdale"))
    assert report.figures[None][M.NO_SHOWS] == Figure.share_of(1, 3)
    for measure in (M.CHAIRS_SCHEDULED, M.CHAIRS_USED, M.NO_SHOWS, M.NO_SHOWS_OF_SLOTS):
        each = [report.figures[slug][measure] for slug in ("ahwatukee", "scottsdale")]
        assert report.figures[None][measure].whole == sum(figure.whole for figure in each)


def test_weeks_add_up_to_the_period(clinic: Clinic) -> None:
    for day in range(20):
        add_appointment(
            clinic, local(9, day=TOMORROW - timedelta(days=day + 2)),
            Status.NOSHOW if day % 3 else Status.FULFILLED,
        )  # fmt: skip
    report = report_of(compute_default_period(TOMORROW))
    assert len(report.weeks) == 12
    for measure in (M.CHAIRS_SCHEDULED, M.CHAIRS_USED, M.NO_SHOWS, M.LEAD_P90):
        whole = report.figures["ahwatukee"][measure].whole
        assert sum(week[measure].whole for _, week in report.weeks) == pytest.approx(whole)
    assert all(set(week) == set(BY_WEEK) for _, week in report.weeks)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_long_history_asks_nothing_more(clinic: Clinic) -> None:
    template_id, counts = a_template(THREE).id, []
    for patients in (1, 19):
        for number in range(patients):
            days = [-7 * n - 3 for n in range(8, 0, -1)]
            add_series(clinic, THREE, days, hour=9 + number % 6, template_id=template_id)
        report_of(compute_default_period(TOMORROW))
        with statements() as asked:
            report_of(compute_default_period(TOMORROW))
        counts.append(len(asked))
    assert counts[0] == counts[1] < 12
