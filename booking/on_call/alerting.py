"""A crisis is texted to who is on call, at once and at any hour, and to all clinicians when nobody opens it.

The text names no patient and says nothing of what they wrote: it says that somebody is needed, and where.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _

from booking.audit.rules import parse_staff_actor, staff_actor
from booking.db.transactions import transaction
from booking.languages import ENGLISH
from booking.locations import operations as locations
from booking.messaging import operations as messaging
from booking.messaging.models import Message
from booking.messaging.operations import MessageDraft
from booking.messaging.rendering import Draft, RenderedMessage
from booking.messaging.rules import Channel
from booking.messaging.segments import to_gsm7
from booking.on_call.operations import list_on_call_ids
from booking.on_call.rules import CrisisFacts, choose_recipients
from booking.reminders.contexts import desk_tasks_url
from booking.reminders.queries import parse_topic_numbers
from booking.reminders.topics import ON_CALL, on_call_topic, parse_topic
from booking.staff.queries import Colleague, list_colleagues
from booking.tasks import operations as tasks
from booking.tasks.models import Task, TaskKind

KIND = "on_call"
USEFUL_FOR = timedelta(hours=12)  # a scheduler that was down still tells who may have to act


@transaction()
def alert_on_call(now: datetime, escalate_after: timedelta) -> None:
    """Owe the texts about each crisis that nobody has opened: once to each person."""
    crises = [task for task in tasks.list_open_tasks(TaskKind.CRISIS) if not _is_opened(task)]
    if not crises:
        return
    colleagues = {person.id: person for person in list_colleagues()}
    on_call_ids = [staff_id for staff_id in list_on_call_ids(now) if staff_id in colleagues]
    for task in crises:
        facts = _read_facts(task, colleagues, on_call_ids)
        for staff_id in choose_recipients(facts, now, escalate_after):
            messaging.enqueue(_draft(task, colleagues[staff_id], now), now)


def list_alerts(task_id: int) -> list[tuple[int, Message]]:
    """Return the texts about a crisis, the first first, each with the id of whom of the staff it is for."""
    messages = messaging.list_messages([on_call_topic(task_id)])
    persons = [(parse_staff_actor(message.person), message) for message in messages]
    return [(staff_id, message) for staff_id, message in persons if staff_id is not None]


def withhold_opened(
    drafts: Sequence[Draft], _now: datetime
) -> Mapping[int, RenderedMessage | None]:
    """Return None for texts about a crisis that somebody has opened, as they are about to be sent."""
    task_ids = parse_topic_numbers(ON_CALL, {draft.topic for draft in drafts})
    opened_topics = {
        on_call_topic(task_id)
        for task_id in task_ids
        if (task := tasks.find_task(task_id)) is None or _is_opened(task)
    }
    return {
        draft.id: None
        for draft in drafts
        if parse_topic(draft.topic)[0] == ON_CALL and draft.topic in opened_topics
    }


def _is_opened(task: Task) -> bool:
    return task.done_at is not None or task.assigned_to_id is not None


def _read_facts(
    task: Task, colleagues: Mapping[int, Colleague], on_call_ids: Sequence[int]
) -> CrisisFacts:
    return CrisisFacts(
        task.created_at,
        _is_opened(task),
        on_call_ids,
        [person.id for person in colleagues.values() if person.role.is_clinician],
        {person.id for person in colleagues.values() if person.phone},
        {staff_id for staff_id, _message in list_alerts(task.id)},
    )


def _draft(task: Task, person: Colleague, now: datetime) -> MessageDraft:
    location = locations.list_active_locations()[0]
    with force_locale(ENGLISH):
        body = _(
            "%(clinic)s: a patient's message needs you now. Sign in and take it: %(link)s",
            clinic=location.neutral_name,
            link=desk_tasks_url(),
        )
    return MessageDraft(
        topic=on_call_topic(task.id),
        revision=0,
        kind=KIND,
        channel=Channel.SMS,
        recipient=person.phone or "",
        person=staff_actor(person.id),
        body=to_gsm7(body),
        send_at=now,
        expires_at=now + USEFUL_FOR,
        time_zone=location.time_zone,
        language=ENGLISH,
        immediate=True,
    )
