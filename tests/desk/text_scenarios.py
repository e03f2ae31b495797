"""Forms about texts that came in, and who takes a task."""

from flask.testing import FlaskClient

from booking.messaging.conversations import list_texts_from
from booking.reminders.inbound import receive_reply
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from tests.builders import NOW, Clinic, a_patient
from tests.desk.scenario import Prepare, Scenario

PHONE = "+16025550142"
QUESTION = "Is there parking for my sister?"


def a_text(body: str = QUESTION, provider_id: str = "SM1", phone: str = PHONE) -> int:
    """Receive a text; return its id."""
    receive_reply(provider_id, phone, "+16025550100", body, NOW)
    return list_texts_from(phone, 1)[0].id


def open_conversation(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    return Scenario("/desk/texts", f"/desk/texts/{a_text()}/open")


def reply_by_text(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/texts/{a_text()}"
    return Scenario(page, f"{page}/reply", {"body": "Yes, behind the house."})


def assign_task(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, "patient", a_patient().id, NOW, NOW)
    (task,) = tasks.list_open_tasks()
    return Scenario("/desk/tasks", f"/desk/tasks/{task.id}/assign", {"assignee": "me"})


TEXT_SCENARIOS: tuple[Prepare, ...] = (open_conversation, reply_by_text, assign_task)
