"""What a task asks for, as links: doing it settles it, and closing it by hand may not."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from booking.desk.blueprint import blueprint
from booking.desk.series.healing_words import name_way
from booking.reminders.conversations import INBOUND
from booking.series.healing import HealingWay
from booking.series.reviews import ReviewReason
from booking.staff.models import Role
from booking.tasks.models import Task, TaskKind

GAP_TASKS = (TaskKind.GAP_LIMIT, TaskKind.GAP_EXCEEDED)
UNPLACED_SESSION_TASKS = (TaskKind.PLACE_SESSION, TaskKind.DECIDE_AFTER_MISS)

# Where a practitioner decides, and what the page is about
DECISION_PAGES = {
    TaskKind.DECIDE_SPACING: ("desk.show_spacing", "series_id"),
    TaskKind.DECIDE_PAUSED: ("desk.plan_resumption", "series_id"),
    TaskKind.DECIDE_SUSPENDED: ("desk.confirm_resume", "patient_id"),
}


def task_links(task: Task) -> list[tuple[str, str]]:
    """Return addresses, each with its words, where whoever is signed in can do what a task asks."""
    may_decide = current_user.role is Role.PRACTITIONER
    if task.kind in GAP_TASKS or _is_about_absence(task):
        return [(url_for("desk.choose_series_healing", series_id=task.subject_id), _plan_anew())]
    if task.kind in UNPLACED_SESSION_TASKS:
        by_hand = url_for("desk.choose_session_time", session_id=task.subject_id)
        give_up = url_for("desk.confirm_give_up", session_id=task.subject_id), str(_("Give it up…"))
        heal = url_for("desk.choose_healing", session_id=task.subject_id)
        links = [(heal, _plan_anew()), (by_hand, str(_("Find a time")))]
        return [*links, give_up] if may_decide else links
    if task.kind is TaskKind.CALENDAR_CONFLICT:
        move = url_for("desk.choose_new_time", appointment_id=task.subject_id)
        return [(move, str(_("Move…")))]
    if task.kind in DECISION_PAGES and may_decide:
        page, argument = DECISION_PAGES[task.kind]
        values: dict[str, Any] = {argument: task.subject_id}
        return [(url_for(page, **values), str(_("Decide")))]
    if task.subject_kind == INBOUND:
        conversation = url_for("desk.show_conversation", text_id=task.subject_id, _anchor="latest")
        return [(conversation, str(_("Read and answer")))]
    return _list_call_links(task)


def healing_links(task: Task) -> list[tuple[str, str]]:
    """Return what can be done about a session that was lost: pages on which each way is chosen already."""
    if task.kind not in UNPLACED_SESSION_TASKS:
        return []
    return [
        (url_for("desk.choose_healing", session_id=task.subject_id, way=way.value), name_way(way))
        for way in HealingWay
        if way is not HealingWay.FEWEST
    ]


def _list_call_links(task: Task) -> list[tuple[str, str]]:
    """Return where somebody who is called back is booked: on their record, or on a new one."""
    if task.kind is not TaskKind.CALL_BACK:
        return []
    if task.subject_kind == "patient":
        page = url_for("desk.choose_time", patient_id=task.subject_id, task=task.id)
    elif task.subject_kind == "call_request":
        page = url_for("desk.new_patient", call=task.subject_id)
    else:
        return []
    return [(page, str(_("Book a visit")))]


def _is_about_absence(task: Task) -> bool:
    is_review = task.kind is TaskKind.REVIEW_SERIES and task.subject_kind == "infusion_series"
    return is_review and task.details.get("why") == ReviewReason.AWAY


def _plan_anew() -> str:
    return str(_("See what can be done"))


def finished_message(kind: TaskKind) -> str:
    """Return what to say once a task was closed by hand."""
    if kind is TaskKind.PLACE_SESSION:
        return str(_("Noted. The session still has no time: the task comes back until it has one."))
    return str(_("Task done."))


blueprint.add_app_template_filter(task_links)
blueprint.add_app_template_filter(healing_links)
