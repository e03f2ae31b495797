"""The limit of a gap is in two days, and nothing is booked within it: somebody is told before it breaks."""

from datetime import timedelta

from booking.appointments import attendance
from booking.appointments import operations as appointment_operations
from booking.appointments.rules import Outcome
from booking.extensions import db
from booking.series import operations as series_operations
from booking.series.gap_limit_rules import GapLimit, find_gap_limit
from booking.series.gap_limits import update_gap_warnings
from booking.series.gap_rules import StandingSession
from booking.series.queries import list_sessions
from booking.staff.models import Role
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from tests.builders import NOW, Clinic, local
from tests.series.builders import MONDAY, WEEKLY, a_phase
from tests.series.prescribed import a_booked_series, appointments, doctor, tasks_of

PHASES = (a_phase(2), a_phase(None, WEEKLY))
A_DAY = timedelta(days=1)


def stands(*days: int) -> list[StandingSession]:
    return [StandingSession(n + 1, min(n // 2, 1), MONDAY + day * A_DAY)
            for n, day in enumerate(days)]  # fmt: skip


def limit_on(day: int, *days: int, next_phase: int | None = 1) -> GapLimit | None:
    return find_gap_limit(PHASES, stands(*days), next_phase, MONDAY + day * A_DAY)


def test_the_limit_is_told_two_days_before_and_ever_after() -> None:
    reached = GapLimit(2, MONDAY + 12 * A_DAY)
    assert [limit_on(day, 0, 3) for day in (9, 10, 12, 20)] == [None, reached, reached, reached]


def test_a_session_within_the_limit_keeps_it_and_one_after_it_does_not() -> None:
    assert limit_on(10, 0, 3, 12) is None
    assert limit_on(10, 0, 3, 13) == GapLimit(2, MONDAY + 12 * A_DAY)


def test_nothing_is_told_before_the_first_session_or_where_none_is_to_come() -> None:
    assert limit_on(10, 11, 14) is None
    assert limit_on(10, 0, 3, next_phase=None) is None


def test_the_task_comes_before_the_gap_breaks_and_goes_when_a_session_is_placed(
    clinic: Clinic,
) -> None:
    series = a_booked_series(clinic)
    first, second, third, *_ = appointments(series)
    for appointment in (first, second):
        attendance.check_in(appointment.id, appointment.starts_at, "staff:1")
        attendance.fulfil(appointment.id, Outcome.TREATED, appointment.ends_at, "staff:1")
    appointment_operations.cancel(third.id, second.ends_at, "online", by_patient=True)
    limit = second.local_date + 5 * A_DAY
    update_gap_warnings(local(12, day=limit - 3 * A_DAY))
    assert tasks_of(TaskKind.GAP_LIMIT) == []
    soon = local(12, day=limit - 2 * A_DAY)
    update_gap_warnings(soon)
    [task] = tasks_of(TaskKind.GAP_LIMIT)
    assert task.details == {"after": 2, "limit": limit.isoformat()}
    assert soon < task.due_at < local(23, day=limit)

    session = list_sessions(series.id)[2].session
    series_operations.place_session(session.id, local(9, day=limit), soon, doctor(clinic))
    assert tasks_of(TaskKind.GAP_LIMIT) == []


def test_past_the_limit_a_practitioner_decides_once(clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    first, *others = appointments(series)
    for appointment in reversed(others):
        appointment_operations.cancel(appointment.id, NOW, doctor(clinic), by_patient=False)
    attendance.check_in(first.id, first.starts_at, "staff:1")
    attendance.fulfil(first.id, Outcome.TREATED, first.ends_at, "staff:1")
    limit = first.local_date + 5 * A_DAY
    update_gap_warnings(local(12, day=limit))
    assert len(tasks_of(TaskKind.GAP_LIMIT)) == 1
    over = local(9, day=limit + A_DAY)
    update_gap_warnings(over)
    update_gap_warnings(over + A_DAY)
    assert tasks_of(TaskKind.GAP_LIMIT) == []
    [task] = tasks_of(TaskKind.GAP_EXCEEDED)
    assert task.owner is Owner.PRACTITIONER
    assert over < task.due_at
    tasks.finish_task(
        task.id, clinic.practitioner.id, "Rests a week", over + A_DAY, is_practitioner=True
    )
    update_gap_warnings(over + 2 * A_DAY)
    assert tasks_of(TaskKind.GAP_EXCEEDED) == []


def test_what_a_practitioner_decided_is_not_asked_again_and_what_others_closed_is(
    clinic: Clinic,
) -> None:
    series = a_booked_series(clinic)
    first, *others = appointments(series)
    for appointment in others:
        appointment_operations.cancel(appointment.id, NOW, "online", by_patient=True)
    attendance.check_in(first.id, first.starts_at, "staff:1")
    attendance.fulfil(first.id, Outcome.TREATED, first.ends_at, "staff:1")
    late = first.starts_at + 4 * A_DAY
    update_gap_warnings(late)
    tasks.finish_task(
        tasks_of(TaskKind.GAP_LIMIT)[0].id,
        clinic.front_desk.id,
        "Seen",
        late,
        is_practitioner=False,
    )
    update_gap_warnings(late)
    [task] = tasks_of(TaskKind.GAP_LIMIT)
    tasks.finish_task(
        task.id, clinic.practitioner.id, "A week of rest is fine", late, is_practitioner=True
    )
    clinic.practitioner.role = Role.MANAGER  # later; it was a practitioner who decided
    db.session.commit()
    update_gap_warnings(late)
    assert tasks_of(TaskKind.GAP_LIMIT) == []
