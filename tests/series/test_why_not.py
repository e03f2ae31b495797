"""Why not then: what the rules name is what the operations refuse, and nothing more is needed."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from booking.calendars import availability
from booking.calendars.outages import record_outage
from booking.calendars.overrides import CalendarRule, OverriddenBy
from booking.extensions import db
from booking.locations.models import Closure, Outage, Resource
from booking.locations.rules import ResourceKind
from booking.patients.models import Patient
from booking.screening.models import Flag, FlagKind, Suitability
from booking.screening.rules import Finding
from booking.series.models import InfusionSeries, SeriesPause
from booking.series.progress import PauseDecision
from booking.staff.models import Role
from tests.builders import BORN, NOW, an_infusion, local
from tests.series.blocked_starts import (
    World,
    a_world,
    blockers,
    is_possible,
    location_id,
    taken_back,
    where_possible,
)
from tests.series.blocker_causes import NUMBERS, cause_of, first_staff, remove_cause

SLUGS = ("ahwatukee", "scottsdale")
TODAY = NOW.date()
AGAIN = settings(
    max_examples=5,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.generate,),  # to shrink an example takes minutes
)
Trouble = Callable[[World, str, date, int], object]


def close(_world: World, slug: str, day: date, hour: int) -> None:
    here, name = location_id(slug), f"Closed {hour}, {next(NUMBERS)}"
    db.session.add(Closure(location_id=here, first_day=day, last_day=day, name=name))


def leave(_world: World, slug: str, day: date, hour: int) -> None:
    outage(day, hour, location_id=location_id(slug))


def break_chair(_world: World, slug: str, day: date, hour: int) -> None:
    chairs = db.select(Resource.id).filter_by(
        location_id=location_id(slug), kind=ResourceKind.CHAIR
    )
    outage(day, hour, resource_id=db.session.scalars(chairs).first())


def be_ill(role: Role) -> Trouble:
    def trouble(_world: World, slug: str, day: date, hour: int) -> None:
        outage(day, hour, staff_id=first_staff(location_id(slug), role).id)

    return trouble


def outage(day: date, hour: int, **about: int | None) -> None:
    begins = local(hour, day=day)
    record_outage(Outage(starts_at=begins, ends_at=begins + timedelta(hours=3), **about), NOW, "t")


def treat_somebody_else(world: World, slug: str, day: date, hour: int) -> None:
    with where_possible():
        an_infusion(world.clinic, local(hour, day=day), location=slug)


def treat_beside_the_series(world: World, slug: str, day: date, hour: int) -> None:
    patient = db.session.get_one(Patient, world.patient_id)
    with where_possible():
        an_infusion(world.clinic, local(hour, day=day), patient, slug)


def let_clearance_end(world: World, _slug: str, day: date, hour: int) -> None:
    found = [Finding.SUITABLE, Finding.UNDECIDED, Finding.DECLINED][hour % 3]
    rows = db.update(Suitability).filter_by(patient_id=world.patient_id)
    db.session.execute(rows.values(finding=found, valid_until=day))


def raise_flag(world: World, _slug: str, _day: date, hour: int) -> None:
    kind = FlagKind.CALL_FIRST if hour % 2 else FlagKind.SEEN_AT_APPOINTMENT
    db.session.add(
        Flag(
            kind=kind, questions=["pregnancy"], birth_date=BORN, patient_id=world.patient_id,
            is_verified=hour % 5 > 0, raised_at=NOW,
        )
    )  # fmt: skip


def be_young(world: World, _slug: str, day: date, _hour: int) -> None:
    born = day.replace(year=day.year - 18)
    rows = db.update(Patient).filter_by(id=world.patient_id)
    db.session.execute(rows.values(birth_date=born))


def rest(world: World, _slug: str, day: date, hour: int) -> None:
    values = {"reason": "Travels", "paused_by_id": world.clinic.practitioner.id, "paused_at": NOW}
    if db.session.scalar(db.select(SeriesPause.id).filter_by(first_day=day)) is None:
        pause = SeriesPause(
            series_id=world.series_id, first_day=day, last_day=day + timedelta(days=hour),
            decision=PauseDecision.GO_ON, decided_at=NOW, **values,
        )  # fmt: skip
        db.session.add(pause)


def end(world: World, _slug: str, day: date, _hour: int) -> None:
    db.session.get_one(InfusionSeries, world.series_id).last_day = day


TROUBLES: tuple[Trouble, ...] = (
    *(close, leave, break_chair, be_ill(Role.NURSE), be_ill(Role.PRACTITIONER)),
    *(treat_somebody_else, treat_somebody_else, treat_beside_the_series),
    *(let_clearance_end, raise_flag, be_young, rest, end),
)
days = st.integers(0, 30).map(lambda days: TODAY + timedelta(days=days))
slugs = st.sampled_from(SLUGS)
minutes = st.one_of(
    st.integers(9 * 4, 15 * 4).map(lambda quarter: quarter * 15),
    st.integers(7 * 12, 19 * 12).map(lambda cell: cell * 5),
)


def draw_start(data: st.DataObject) -> datetime:
    day, minute = data.draw(days), data.draw(minutes)
    return local(minute // 60, minute % 60, day=day)


def make_trouble(world: World, data: st.DataObject) -> None:
    """Let up to five things happen, most of them where the patient would go."""
    for _ in range(data.draw(st.integers(0, 5))):
        trouble = data.draw(st.sampled_from(TROUBLES))
        trouble(world, data.draw(slugs), data.draw(days), data.draw(st.integers(8, 15)))
        availability.increment_catalogue_version()
    db.session.flush()
    db.session.expire_all()


def test_invariant_6_what_has_no_blocker_is_done_and_nothing_else(app: Flask) -> None:
    """The front desk does what has none; a practitioner with a reason, what has none but the series' rules.

    Against the calendar's, a prescriber's presence among them, nobody does what names no rule.
    """
    world = a_world()

    @AGAIN
    @given(st.data())
    def check(data: st.DataObject) -> None:
        with taken_back():
            make_trouble(world, data)
            for wish in world.wishes.values():
                for _ in range(3):
                    slug, start = data.draw(slugs), draw_start(data)
                    against = blockers(wish, slug, start, NOW)
                    at_desk = is_possible(wish, slug, start, NOW, world.front_desk, "Because")
                    assert at_desk is (not against), (wish.name, slug, start, against)
                    allowed = all(
                        each.override is OverriddenBy.PRACTITIONER
                        and not isinstance(each.rule, CalendarRule)
                        for each in against
                    )
                    by_practitioner = world.practitioner, "Because"
                    overridden = is_possible(wish, slug, start, NOW, *by_practitioner)
                    assert overridden is allowed, (wish.name, slug, start, against)
                    without_reason = is_possible(wish, slug, start, NOW, world.practitioner)
                    assert without_reason is (not against), (wish.name, slug, start, against)

    check()


def test_each_blocker_is_needed_and_without_their_causes_it_is_done(app: Flask) -> None:
    world = a_world()

    @AGAIN
    @given(st.data())
    def check(data: st.DataObject) -> None:
        with taken_back():
            make_trouble(world, data)
            for wish in world.wishes.values():
                slug, start = data.draw(slugs), draw_start(data)
                against = blockers(wish, slug, start, NOW)
                if start <= NOW or any(each.facts.get("days") == 0 for each in against):
                    continue  # time doesn't go back; of one day, no gap can be allowed
                for kept in [None, *{cause_of(each): each for each in against}.values()]:
                    nested = db.session.begin_nested()
                    for blocker in against:
                        if kept is None or cause_of(blocker) != cause_of(kept):
                            remove_cause(world, blocker, slug, start)
                    availability.increment_catalogue_version()
                    left = [each.rule for each in blockers(wish, slug, start, NOW)]
                    possible = is_possible(wish, slug, start, NOW, world.front_desk)
                    nested.rollback()
                    db.session.expire_all()
                    expected = [e.rule for e in against if kept and cause_of(e) == cause_of(kept)]
                    assert left == expected, (wish.name, slug, start, against, kept)
                    assert possible is (kept is None)

    check()
