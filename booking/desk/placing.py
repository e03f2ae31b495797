"""Giving a session without a time one: what the planner could not place, a person does."""

from datetime import datetime

from flask import abort, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.calendars import offering
from booking.calendars.rules import Demand
from booking.dates import parse_instant
from booking.desk.asked import asked_day, asked_free
from booking.desk.blueprint import blueprint
from booking.desk.forms import TimeForm
from booking.desk.patient import patient_or_404
from booking.desk.refusals import REFUSALS, difference, reason_helps, sentence
from booking.desk.submitting import Done, submit
from booking.desk.versions import require_session, series_version
from booking.extensions import db
from booking.series import operations as series
from booking.series.free_time import INFUSION
from booking.series.models import InfusionSeries, Session
from booking.series.progress import SessionState
from booking.series.reading import held, phases_of, sessions_of

WITHOUT_A_TIME = (SessionState.UNPLACED, SessionState.MISSED)


@blueprint.get("/sessions/<int:session_id>/place")
@access(Access.STAFF)
def ask_place(session_id: int) -> AnyResponse | str:
    """Show the free times for a session; one that has a time is on the patient's page."""
    session = db.session.get(Session, session_id) or abort(404)
    if session.state not in WITHOUT_A_TIME:
        return redirect(_patient_address(session))
    return _page(session, TimeForm(formdata=None))


@blueprint.post("/sessions/<int:session_id>/place")
@access(Access.STAFF)
def place(session_id: int) -> AnyResponse | tuple[str, int]:
    """Place a session at the time chosen; a gap that isn't allowed asks for a reason."""
    session, form = db.session.get(Session, session_id) or abort(404), TimeForm()
    starts_at, reason = parse_instant(form.start.data), (form.reason.data or "").strip()
    if not form.validate() or starts_at is None:
        outdated = difference(series_version(session.series_id))
        return _page(session, form, outdated or _("Choose a time from the list.")), 422
    try:
        return submit(lambda: _placed(session, starts_at, reason)).answer()
    except series.NotProposed:
        return redirect(_patient_address(session))
    except REFUSALS as refusal:
        return _page(session, form, sentence(refusal), asks_reason=reason_helps(refusal)), 422


def _placed(session: Session, starts_at: datetime, reason: str) -> Done:
    require_session(session.id)
    series.place_session(session.id, starts_at, clock.now(), current_user.actor, reason=reason)
    return Done(_patient_address(session), str(_("The session is booked.")))


def _series_of(session: Session) -> InfusionSeries:
    return db.session.get_one(InfusionSeries, session.series_id)


def _patient_address(session: Session) -> str:
    patient_id, anchor = _series_of(session).patient_id, f"series-{session.series_id}"
    return url_for("desk.patient", patient_id=patient_id, _anchor=anchor)


def _demand(found: InfusionSeries, session: Session) -> Demand:
    """Return what a visit of this session occupies."""
    known, phase = offering.catalogue(), phases_of(found)[session.phase]
    where = known.places_by_id[found.location_id]
    return known.offers[INFUSION].infusion(phase.setup, phase.infusion, phase.recovery, where)


def _page(session: Session, form: TimeForm, problem: str = "", *, asks_reason: bool = False) -> str:
    session = db.session.get_one(Session, session.id)
    found, now = _series_of(session), clock.now()
    where = offering.catalogue().places_by_id[found.location_id]
    today = clock.local_date(now, where.zone.key)
    free = asked_free(where, _demand(found, session), asked_day(today), now)
    standing = sorted(held(sessions_of(found.id)), key=lambda one: one.day)
    return render_template(
        "desk/place.html",
        patient=patient_or_404(found.patient_id),
        session=session,
        gap=phases_of(found)[session.phase].gap,
        before=[one for one in standing if one.number < session.number][-1:],
        after=[one for one in standing if one.number > session.number][:1],
        place=where,
        free=free,
        chosen_day=asked_day(free.first_open or today),
        chosen=parse_instant(form.start.data),
        form=form,
        problem=problem,
        asks_reason=asks_reason,
    )
