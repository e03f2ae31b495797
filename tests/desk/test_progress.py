"""A series on one line of time at the desk: what was, is to come, was changed, and the scores over it."""

import re
from dataclasses import replace

from flask.testing import FlaskClient

from booking.appointments import attendance, operations
from booking.appointments.rules import Outcome
from booking.db.transactions import transaction
from booking.extensions import db
from booking.mood import operations as mood
from booking.series import endings, pauses, resumptions
from booking.series.applied_healing import apply_healing
from booking.series.healing import HealingOrder, propose_healing
from booking.series.models import InfusionSeries
from booking.series.pause_rules import PauseDays
from booking.series.queries import list_sessions
from booking.series.resumptions import Resumption
from booking.series.revisions import revise_phases
from booking.web.formats import format_day
from tests.builders import NOW, Clinic, a_closure
from tests.mood.asked import an_asked_series, ask, nine_on
from tests.series.prescribed import RECOMMENDED, a_booked_series, appointments, doctor

TAGS = re.compile(r"<[^>]+>")
TWICE, WEEKLY = RECOMMENDED


def rows_of(browser: FlaskClient, series: InfusionSeries) -> list[str]:
    """Return each row of the course in words."""
    text = browser.get(f"/desk/series/{series.id}").text
    table = text[text.index('<table class="list course">') : text.index("</table>")]
    rows = re.findall(r"<tr class=.*?</tr>", table, re.DOTALL)
    return [" ".join(TAGS.sub(" ", row).split()) for row in rows]


def test_sessions_stand_in_order_with_their_gaps_and_what_hindered_them(
    desk: FlaskClient, clinic: Clinic
) -> None:
    series = a_booked_series(clinic)
    first, second, third, *_ = appointments(series)
    attendance.check_in(first.id, first.starts_at, doctor(clinic))
    attendance.fulfil(first.id, Outcome.TREATED, first.starts_at, doctor(clinic))
    operations.cancel(second.id, NOW, "online", by_patient=True, reason="Has a cold")
    operations.cancel(third.id, NOW, doctor(clinic), by_patient=False, reason="No nurse")
    rows = rows_of(desk, series)
    assert "Prescribed by" in rows[0]
    assert rows[1].endswith(
        "Twice a week 6 sessions, 3–4 days apart (2–5 allowed), 15 + 45 + 30 minutes"
    )
    assert "Session 1: done" in rows[2]
    assert "Session 2: did not take place" in rows[3]
    assert "Cancelled: Has a cold" in rows[3]
    assert rows[4].startswith("no day yet Session 3: no time yet")
    assert "2 to 5 are prescribed" in rows[5]
    assert (
        f'href="/desk/series/{series.id}"' in desk.get(f"/desk/patients/{series.patient_id}").text
    )
    assert desk.get("/desk/series/99").status_code == 404


def test_a_review_to_come_stands_after_its_session_and_a_done_one_says_what_came_of_it(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    series = a_booked_series(clinic, (replace(TWICE, sessions=2, review_every=1),))
    first, *_ = appointments(series)
    attendance.check_in(first.id, first.starts_at, doctor(clinic))
    attendance.fulfil(first.id, Outcome.TREATED, first.starts_at, doctor(clinic))
    rows = rows_of(practitioner, series)
    assert "Review asked for after session 1, by" in " ".join(rows)
    assert rows[-1].endswith("Review due after session 2")


def test_what_was_changed_stands_where_it_was_with_who_and_for_clinicians_why(
    desk: FlaskClient, practitioner: FlaskClient, clinic: Clinic
) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    longer = (TWICE, replace(WEEKLY, sessions=1), replace(WEEKLY, recovery=45))
    with transaction():
        row = db.session.get_one(InfusionSeries, series.id)
        revise_phases(row, longer, 8, clinic.practitioner.id, "Dizzy after the last two", NOW)
    (changed,) = [row for row in rows_of(practitioner, series) if "Changed by" in row]
    assert not any("Dizzy" in row for row in rows_of(desk, series))
    assert changed.endswith(
        f"Changed by {clinic.practitioner.name} from session 8 on: Dizzy after the last two "
        "Weekly: 15 + 45 + 30 minutes → 15 + 45 + 45 minutes"
    )


def test_numbers_made_the_patients_own_are_named(desk: FlaskClient, clinic: Clinic) -> None:
    series = a_booked_series(clinic)
    with transaction():
        row = db.session.get_one(InfusionSeries, series.id)
        row.phases = [replace(TWICE, infusion=50).to_dict()]
    assert "Twice a week: 15 + 45 + 30 minutes → 15 + 50 + 30 minutes" in rows_of(desk, series)[0]


def test_scores_are_a_practitioners_to_see(
    desk: FlaskClient, practitioner: FlaskClient, clinic: Clinic
) -> None:
    series = an_asked_series(clinic)
    (form,) = ask(nine_on(series))
    mood.answer_form(form.token, [2] * 8 + [0], nine_on(series))
    assert any("PHQ-9: 16" in row for row in rows_of(practitioner, series))
    assert 'class="line"' in practitioner.get(f"/desk/series/{series.id}").text
    page = desk.get(f"/desk/series/{series.id}").text
    assert "PHQ-9" not in page
    assert 'class="line"' not in page


def test_a_series_that_lost_every_time_has_no_drawing_and_each_session(
    desk: FlaskClient, clinic: Clinic
) -> None:
    series = a_booked_series(clinic)
    for session in list_sessions(series.id):
        if session.appointment:
            operations.cancel(session.appointment.id, NOW, doctor(clinic), by_patient=False)
    rows = rows_of(desk, series)
    assert len(rows) == 2 + 6
    assert all("no time yet" in row for row in rows[2:])


def test_pauses_new_plans_and_the_end_stand_there_with_who_when_and_why(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    series, by = a_booked_series(clinic, RECOMMENDED), clinic.practitioner
    weekly = appointments(series)[6:]
    days = PauseDays(weekly[1].local_date, weekly[2].local_date)
    pauses.pause_series(series.id, days, by.id, NOW, reason="Travels")
    resumption = Resumption(days.first_day)
    key = resumptions.preview_resumption(series, resumption, NOW).key
    resumptions.resume_series(
        series.id, resumption, by.id, NOW, reason="Stays at home", expected_key=key
    )
    a_closure(clinic.location, appointments(series)[0].local_date)
    proposal = propose_healing(HealingOrder(series.id), NOW)
    apply_healing(proposal.order, proposal.key, NOW, doctor(clinic), reason="Rang at noon")
    endings.end_series(series.id, by.id, NOW, reason="Enough")
    rows = [row for row in rows_of(practitioner, series) if "decided by" in row]
    name = f"decided by {by.name}"
    assert [row.split(" ", 3)[-1].strip() for row in rows] == [
        f"Was to rest from {format_day(days.first_day)}; it went on before, {name}: Travels",
        f"After the pause: it went on where it was, {name}: Stays at home",
        f"Planned anew, 1 visit moved, {name}: Rang at noon",
        f"Stopped, {name}: Enough",
    ]
