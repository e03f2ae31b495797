"""The background scheduler: APScheduler only ticks; the work is rows claimed in the database.

Any number of these may run. A tick that was missed is made up by the next, since rows say what is due.
"""

import logging
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from booking import clock
from booking.adaptive.proposing import propose_spacing
from booking.appointments import hold_cleanup, resource_exchange
from booking.appointments.changes import delete_old_changes
from booking.audit import operations as audit
from booking.audit.rules import SealKeys
from booking.busy_calendars.updating import ReadingTerms, update_due_calendars
from booking.db.idempotency import KEY_RETENTION, delete_expired_keys
from booking.erasure.policy import parse_policy
from booking.erasure.retention import apply_policy
from booking.extensions import db
from booking.messaging.polling import STEP, poll_reports
from booking.messaging.rendering import Draft, Rendered
from booking.messaging.resolving import resolve_interrupted
from booking.messaging.restorations import find_unsettled_restoration
from booking.messaging.rules import Channel
from booking.messaging.senders import MessageSender
from booking.messaging.sending import send_due
from booking.mood.asking import ask_due_forms
from booking.mood.messages import withhold_outdated
from booking.on_call.alerting import alert_on_call, withhold_opened
from booking.outages.making_plans import plan_waiting_cases
from booking.outages.messages import withhold_answered
from booking.outages.operations import close_finished_cases
from booking.outages.settling import update_open_patients
from booking.reminders import operations as reminders
from booking.reminders import queries, rendering
from booking.reminders.delivery_failures import open_delivery_failure_tasks
from booking.reminders.fallbacks import enqueue_fallback_emails
from booking.reminders.safe_texts import withhold_unsafe_texts
from booking.screening.unverified_flags import open_review_tasks
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.gap_limits import update_gap_warnings
from booking.series.reopening import reopen_series_tasks
from booking.series.suspensions import update_suspensions
from booking.staff.interrupted_forms import delete_expired_forms
from booking.staff.secret_box import CALENDAR_ADDRESS, SecretBox
from booking.staff.sign_in_attempts import delete_expired_attempts
from booking.waitlist.offering import update_waitlist
from booking.web.limit_storage import delete_old_windows
from booking.webhooks.operations import delete_old_deliveries
from booking.webhooks.recording import record_events
from booking.webhooks.sending import send_due_events

log = structlog.get_logger()
BATCH = 200  # messages claimed in one go
HOURLY = 3600
GAP_SECONDS = 300  # limits are days
OUTAGE_SECONDS = 5  # somebody at the desk waits for the plan
REPORT_SECONDS = int(STEP.total_seconds())
WAITLIST_SECONDS = 15  # what is free is looked up; most of it stands in memory

Job = Callable[[datetime], object]
Senders = Mapping[Channel, MessageSender]


def list_jobs(app: Flask, senders: Senders) -> dict[str, tuple[int, Job]]:
    """Return every job by name: how often it runs, in seconds, and what it calls."""
    worker, often = worker_name(), app.config["SCHEDULER_SECONDS"]
    plan_seconds = app.config["OUTAGE_PLAN_SECONDS"]
    waitlist_hold = timedelta(minutes=app.config["WAITLIST_HOLD_MINUTES"])
    escalate_after = timedelta(minutes=app.config["CRISIS_ESCALATE_MINUTES"])
    keys = SealKeys.from_settings(app.config["AUDIT_KEY"], app.config["SECRET_KEY"])
    calendars, policy = reading_terms(app), parse_policy(app.config)

    return {
        "alert_on_call": (often, lambda now: alert_on_call(now, escalate_after)),
        "send": (often, lambda _began: send_owed(worker, senders)),
        "tell_programs": (often, lambda now: tell_programs(app, worker, now)),
        "plan_new_times": (
            OUTAGE_SECONDS,
            lambda now: plan_waiting_cases(now, plan_seconds),
        ),
        "see_to_affected": (OUTAGE_SECONDS, update_affected),
        "offer_sooner_times": (
            WAITLIST_SECONDS,
            lambda now: update_waitlist(now, waitlist_hold, senders.keys()),
        ),
        "top_up": (60, book_sessions_ahead),
        "ask_for_forms": (60, ask_due_forms),
        "propose_spacing": (60, propose_spacing),
        "update_calendars": (60, lambda now: update_due_calendars(now, calendars)),
        "reopen_tasks": (60, reopen_series_tasks),
        "poll_reports": (REPORT_SECONDS, lambda now: poll_reports(now, senders)),
        "tell_of_failures": (60, open_delivery_failure_tasks),
        "remind_by_email_instead": (60, enqueue_fallback_emails),
        "warn_of_gaps": (GAP_SECONDS, update_gap_warnings),
        "look_for_impossible": (HOURLY, resource_exchange.open_missing_call_tasks),
        "delete_abandoned": (HOURLY, hold_cleanup.delete_abandoned_holds),
        "delete_old_changes": (HOURLY, delete_old_changes),
        "delete_old_forms": (HOURLY, delete_expired_forms),
        "delete_old_tries": (HOURLY, delete_expired_attempts),
        "ask_for_reviews": (60, open_review_tasks),
        "delete_old_deliveries": (HOURLY, delete_old_deliveries),
        "delete_old_windows": (HOURLY, delete_old_windows),
        "delete_old_keys": (HOURLY, lambda now: delete_expired_keys(now - KEY_RETENTION)),
        "erase_old": (HOURLY, lambda now: apply_policy(now, policy)),
        "seal": (60, lambda now: seal_audit_trail(now, keys)),
    }


def reading_terms(app: Flask) -> ReadingTerms:
    """Return how practitioners' own calendars are read, by the settings."""
    config = app.config
    box = SecretBox.from_settings(config["FACTOR_KEY"], config["SECRET_KEY"], CALENDAR_ADDRESS)
    interval = timedelta(minutes=config["CALENDAR_READ_MINUTES"])
    return ReadingTerms(interval, box, config["CALENDAR_LOOPBACK"])


def send_owed(worker: str, senders: Senders) -> None:
    """Settle what was interrupted, derive what is owed, send what is due, and say that `worker` is at work.

    Each by its own clock, and appointments looked at last: asking the provider may take a minute.
    """
    resolve_interrupted(clock.now(), senders)
    update_suspensions(clock.now())
    reminders.derive_messages(clock.now())
    send_due(
        clock.now(),
        worker,
        BATCH,
        senders,
        outdated=queries.list_outdated_topics,
        render=render_messages,
    )
    reminders.record_heartbeat(worker, clock.now())


def tell_programs(app: Flask, worker: str, now: datetime) -> None:
    """Write down what programs are owed of appointments, and send what is due."""
    record_events(now)
    secret_key, is_demo = str(app.config["SECRET_KEY"]), bool(app.config["DEMO"])
    send_due_events(now, worker, secret_key, with_loopback=is_demo)


def render_messages(drafts: Sequence[Draft], now: datetime) -> Rendered:
    """Return the words of messages as they are true now, whatever they are about, or why they don't go."""
    return {
        **rendering.render_messages(drafts, now),
        **withhold_outdated(drafts, now),
        **withhold_answered(drafts, now),
        **withhold_opened(drafts, now),
        **withhold_unsafe_texts(drafts),
    }


def update_affected(now: datetime) -> None:
    """See to patients who are asked about new times, then to outages of which nobody is left."""
    update_open_patients(now)
    close_finished_cases(now)


def seal_audit_trail(now: datetime, keys: SealKeys) -> None:
    """Seal the audit trail; the log keeps the head, out of reach of whoever owns the database."""
    if head := audit.seal_entries(now, keys):
        log.info("audit_sealed", head=str(head))


def worker_name() -> str:
    """Return what tells this process from every other scheduler."""
    return f"{socket.gethostname()}-{os.getpid()}"


def run_job(app: Flask, name: str, job: Job) -> None:
    """Run one job once. A failure is logged, and the next tick tries again.

    None is run on a restored backup before what was sent since is settled.
    """
    with app.app_context():
        try:
            if find_unsettled_restoration() is None:
                job(clock.now())
            elif name == "send":
                log.warning("restored_not_settled")
        except Exception as error:
            log.error("tick_failed", job=name, kind=type(error).__name__, exc_info=error)
        finally:
            db.session.remove()


def run_scheduler(app: Flask, senders: Senders) -> None:
    """Tick until told to stop (SIGTERM, SIGINT); a job under way is finished first."""
    stop_signals = {signal.SIGTERM, signal.SIGINT}
    # Waited for below; nothing is interrupted
    signal.pthread_sigmask(signal.SIG_BLOCK, stop_signals)
    # A tick that takes longer than a second makes the next one needless: no news.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(timezone=UTC)
    for name, (seconds, job) in list_jobs(app, senders).items():
        scheduler.add_job(
            run_job,
            "interval",
            (app, name, job),
            id=name,
            seconds=seconds,
            next_run_time=clock.now(),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.start()
    signal.sigwait(stop_signals)
    scheduler.shutdown(wait=True)
