"""Giving a session without a time one: what the planner could not place, a person does."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.calendars import offering
from booking.calendars.rules import Demand
from booking.desk.asked import asked_day, asked_free
from booking.desk.blueprint import blueprint
from booking.desk.forms import TimeForm
from booking.desk.freetimes import parse_start
from booking.desk.patient import patient_or_404
from booking.desk.refusals import REFUSALS, reason_helps, sentence
from booking.extensions import db
from booking.series import operations as series
from booking.series.models import InfusionSeries, Session
from booking.series.progress import SessionState
from booking.series.proposing import INFUSION
from booking.series.reading import held, phases_of, sessions_of

WITHOUT_A_TIME = (SessionState.UNPLACED, SessionState.MISSED)


@blueprint.get("/sessions/<int:session_id>/place")
@access(Access.STAFF)
def ask_place(session_id: int) -> AnyResponse | str:
    """Show the free times for a session; one that has a time is on the patient's page."""
    session = db.session.get(Session, session_id) or abort(404)
    if session.state not in WITHOUT_A_TIME:
        return _to_patient(session)
    return _page(session, TimeForm(formdata=None))


@blueprint.post("/sessions/<int:session_id>/place")
@access(Access.STAFF)
def place(session_id: int) -> AnyResponse | tuple[str, int]:
    """Place a session at the time chosen; a gap that isn't allowed asks for a reason."""
    session, form = db.session.get(Session, session_id) or abort(404), TimeForm()
    starts_at, reason = parse_start(form.start.data), (form.reason.data or "").strip()
    if not form.validate() or starts_at is None:
        return _page(session, form, _("Choose a time from the list.")), 422
    try:
        series.place_session(session.id, starts_at, clock.now(), current_user.actor, reason=reason)
    except series.NotProposed:
        return _to_patient(session)
    except REFUSALS as refusal:
        return _page(session, form, sentence(refusal), asks_reason=reason_helps(refusal)), 422
    flash(_("The session is booked."))
    return _to_patient(session)


def _series_of(session: Session) -> InfusionSeries:
    return db.session.get_one(InfusionSeries, session.series_id)


def _to_patient(session: Session) -> AnyResponse:
    patient_id, anchor = _series_of(session).patient_id, f"series-{session.series_id}"
    return redirect(url_for("desk.patient", patient_id=patient_id, _anchor=anchor))


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
        chosen=parse_start(form.start.data),
        form=form,
        problem=problem,
        asks_reason=asks_reason,
    )
