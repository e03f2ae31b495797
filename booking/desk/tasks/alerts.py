"""What must be seen on every page of the desk: texts that may mean a life, and how much is to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.day.views import find_last_used_location
from booking.desk.tasks.subjects import subjects_by_task
from booking.messaging.conversations import count_unread_conversations
from booking.reminders.queries import SchedulerHealth, read_scheduler_health
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind
from booking.tasks.operations import Workload

MAX_ALERTS = 3  # texts shown on the bar; the rest are counted
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CrisisAlert:
    """One open task of this kind: the person's own words, or why, who it may be, and how long it waits."""

    task_id: int
    words: str
    reason: str
    name: str
    age: str


@dataclass(frozen=True, slots=True)
class DeskAlerts:
    """The longest waiting crises, how many more there are, what is to do and to read, and if messages go out.

    `zone` is the IANA name of the zone in which the page shows times.
    """

    crises: Sequence[CrisisAlert]
    more: int
    workload: Workload
    scheduler: SchedulerHealth
    zone: str
    unread_texts: int

    @property
    def key(self) -> str:
        """Tells one set of crises from another, whatever their age."""
        return ",".join(str(crisis.task_id) for crisis in self.crises) + f"+{self.more}"


@blueprint.get("/alerts")
@access(Access.STAFF, counts_as_use=False)
def poll_alerts() -> Response:
    """Return the red bar and the count of open tasks as HTML; 304 where its ETag is the same."""
    response = make_response(render_template("desk/tasks/_alerts.html", alerts=read_alerts()))
    response.add_etag()
    response.make_conditional(request)
    return response


def read_alerts() -> DeskAlerts:
    """Read what is to be shown on every page."""
    now, location = clock.now(), find_last_used_location()
    open_crises = tasks.list_open_tasks(TaskKind.CRISIS)
    shown_tasks = sorted(open_crises, key=lambda task: task.created_at)[:MAX_ALERTS]
    subjects = subjects_by_task(shown_tasks) if shown_tasks else {}
    crises = [
        CrisisAlert(
            task.id,
            subjects[task.id].quote,
            subjects[task.id].reason,
            subjects[task.id].name,
            _age(now - task.created_at),
        )
        for task in shown_tasks
    ]
    return DeskAlerts(
        crises,
        len(open_crises) - len(crises),
        tasks.count_workload(now),
        read_scheduler_health(now),
        location.zone.key if location else "UTC",
        count_unread_conversations(),
    )


def _age(age: timedelta) -> str:
    if age < timedelta(minutes=1):
        return str(_("just now"))
    if age < HOUR:
        return str(ngettext("%(num)d min", "%(num)d min", age // timedelta(minutes=1)))
    if age < DAY:
        return str(ngettext("%(num)d hour", "%(num)d hours", age // HOUR))
    return str(ngettext("%(num)d day", "%(num)d days", age // DAY))


blueprint.add_app_template_global(read_alerts)
