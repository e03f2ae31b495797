"""How long a visit takes, by its form and by its edge in the calendar: done, undone, or refused in words."""

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from booking.appointments import attendance
from booking.appointments.models import Appointment
from booking.appointments.rules import Outcome
from tests.builders import NOW, Clinic, a_booking, a_patient, an_infusion, local
from tests.desk.page_forms import form_on, send
from tests.desk.test_calendar import DAY, read
from tests.desk.test_day import read_again
from tests.desk.test_dropping import DATA


def page_of(appointment: Appointment) -> str:
    return f"/desk/visits/{appointment.id}/length"


def stretch(desk: FlaskClient, appointment: Appointment, extra: int) -> tuple[int, dict[str, Any]]:
    """Drag the lower edge as the calendar's script does; return status and answer."""
    fields = {"shown_version": appointment.version, "extra_minutes": extra}
    response = desk.post(page_of(appointment), data=fields, headers=DATA)
    return response.status_code, dict(response.get_json())


def test_the_form_lists_what_can_be_and_says_why_the_rest_cannot(
    desk: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(16))
    page = desk.get(page_of(appointment)).text
    assert '<a class="button button-small button-quiet" href="/desk/visits/1/length">How long' in (
        desk.get(f"/desk/visits/{appointment.id}").text
    )
    assert page.count('name="extra_minutes"') == 2  # until 4:45 and 4:50; the room is made ready
    assert "Until 4:55 PM to 6:45 PM:" in page


def test_what_is_chosen_is_done_and_undone(desk: FlaskClient, clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    form = form_on(desk, page_of(appointment), page_of(appointment))
    answer = send(desk, form, {"extra_minutes": "30"})
    page = desk.get(answer.location).text
    assert "It lasts until 11:15 AM now." in page
    assert read_again(appointment).ends_at == local(11, 15)
    page = f"/desk/visits/{appointment.id}"
    send(desk, form_on(desk, page, f"{page}/undo/1"), {})
    assert read_again(appointment).ends_at == local(10, 45)


def test_the_edge_in_the_calendar_does_the_same(desk: FlaskClient, clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    (block,) = read(desk, DAY)["blocks"]
    assert (block["stretchable"], block["extra"]) == (True, 0)
    status, answer = stretch(desk, appointment, 30)
    assert (status, "It lasts until 11:15 AM now." in answer["notices"]) == (200, True)
    (block,) = read(desk, DAY)["blocks"]
    assert (block["extra"], block["end"], block["tail"]) == (30, "2026-12-01T11:25", 10)


def test_the_added_minutes_of_an_infusion_are_recovery(desk: FlaskClient, clinic: Clinic) -> None:
    stretch(desk, an_infusion(clinic, local(10)), 20)
    (block,) = read(desk, DAY)["blocks"]
    assert (block["end"], block["tail"]) == ("2026-12-01T11:50", 20)


def test_where_it_cannot_end_is_grey_with_its_reason(desk: FlaskClient, clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    a_booking(local(11, 15), contact=a_patient(family_name="Other").contact)
    answer = desk.get(f"{page_of(appointment)}/refused").get_json()
    spans = [(span["start"][-5:], span["end"][-5:]) for span in answer["refused"]]
    assert tuple(spans) == (
        ("10:00", "10:50"),
        ("11:15", "12:55"),
        ("12:55", "23:59"),
    )
    assert "The one room is not free at 11:15 AM." in answer["refused"][1]["text"]
    status, refusal = stretch(desk, appointment, 25)
    assert (status, refusal["problem"]) == (409, answer["refused"][1]["text"])
    assert refusal["form"] == page_of(appointment)
    assert read_again(appointment).ends_at == local(10, 45)


def test_nothing_is_shortened_below_what_it_takes_nor_are_lengths_made_up(
    desk: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(10))
    for extra, words in ((-5, "never takes less"), (125, "up to two hours"), (7, "five minutes")):
        status, answer = stretch(desk, appointment, extra)
        assert (status, words in answer["problem"]) == (409, True)
    for text in ("", "much", "9" * 30):
        page = desk.post(page_of(appointment), data={"extra_minutes": text})
        assert page.status_code == 422


def test_what_is_over_has_no_edge(desk: FlaskClient, clinic: Clinic) -> None:
    appointment = a_booking(NOW + timedelta(hours=2))
    attendance.check_in(appointment.id, NOW, "staff:1")
    attendance.fulfil(appointment.id, Outcome.DECLINED, NOW, "staff:1")
    (block,) = read(desk, DAY.replace("2026-12-01", "2026-11-30"))["blocks"]
    assert not block["stretchable"]
    status, answer = stretch(desk, read_again(appointment), 15)
    assert (status, answer["problem"]) == (409, "This visit is over.")
