"""Giving a session without a time one: what the planner could not place, a person does."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask import abort, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments.exemptions import ClaimTerms
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.ruled_days import RuledDay
from booking.dates import parse_instant
from booking.desk.appointments.own_times import parse_claim_terms
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import require_session_version, series_version
from booking.desk.patients.views import patient_or_404
from booking.desk.refusals import REFUSALS, accepts_reason, explain_refusal, explain_stale_version
from booking.desk.requested import (
    get_requested_date,
    get_requested_location,
    list_requested_free_times,
)
from booking.desk.series.changing import refuse_not_pending
from booking.desk.series.slot_marks import mark_fit
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.desk.time_form import TimeForm
from booking.desk.why_not.accepted import list_unaccepted_blockers
from booking.desk.why_not.answers import answer_why_not
from booking.desk.why_not.relaxation_words import describe_fit
from booking.series import operations as series_operations
from booking.series import refusals
from booking.series.models import InfusionSeries, Session
from booking.series.queries import (
    find_session,
    get_phases,
    get_series,
    get_session,
    is_placeable,
    lacks_time,
    list_sessions,
    list_standing_sessions,
)
from booking.series.relaxations import find_placing_fit
from booking.series.ruled_starts import get_session_demand, read_placing_rules

BEFORE = timedelta(days=4)  # of the best day, a session's calendar begins


@blueprint.get("/sessions/<int:session_id>/place")
@access(Access.STAFF)
def choose_session_time(session_id: int) -> AnyResponse | str:
    """Show the free times for a session; one that has a time, or may have none, is on the patient's page."""
    session = find_session(session_id) or abort(404)
    series = _series_of(session)
    if not lacks_time(session, series):
        return redirect(_patient_address(session))
    if not is_placeable(session, series):
        return refuse_not_pending(series)
    return _page(session, TimeForm(formdata=None))


@blueprint.post("/sessions/<int:session_id>/place")
@access(Access.STAFF)
def place_session(session_id: int) -> AnyResponse | tuple[str, int]:
    """Place a session at the time chosen; a gap that isn't allowed asks for a reason."""
    session, form = find_session(session_id) or abort(404), TimeForm()
    starts_at = parse_instant(form.start.data)
    if not form.validate() or starts_at is None:
        outdated = explain_stale_version(series_version(session.series_id))
        return _page(session, form, outdated or _("Choose a time from the list.")), 422
    if unaccepted := _list_unaccepted(session, form, starts_at):
        return _page(session, form, unaccepted=unaccepted), 422
    terms = parse_claim_terms(form, starts_at)
    try:
        return submit_once(lambda: _placed(session, starts_at, terms)).to_response()
    except refusals.SeriesNotPending:
        return refuse_not_pending(_series_of(session))
    except REFUSALS as refusal:
        return _page(
            session, form, explain_refusal(refusal), asks_reason=accepts_reason(refusal)
        ), 422


def _list_unaccepted(session: Session, form: TimeForm, starts_at: datetime) -> Sequence[str]:
    """Return what the patient asked for, or a payer authorised, that a start goes against."""
    location = get_requested_location(_home(_series_of(session)))
    day = starts_at.astimezone(location.zone).date()
    (ruled,) = read_placing_rules(session, location, day, day, clock.now())
    return list_unaccepted_blockers(form, ruled, starts_at)


def _placed(session: Session, starts_at: datetime, terms: ClaimTerms) -> RedirectWithNotice:
    require_session_version(session.id)
    location = get_requested_location(_home(_series_of(session)))
    series_operations.place_session(
        session.id,
        starts_at,
        clock.now(),
        current_user.actor,
        location=location.slug,
        reason=terms.reason,
        exempt=terms.exempt,
    )
    return RedirectWithNotice(_patient_address(session), str(_("The session is booked.")))


def _series_of(session: Session) -> InfusionSeries:
    return get_series(session.series_id)


def _patient_address(session: Session) -> str:
    patient_id, anchor = _series_of(session).patient_id, f"series-{session.series_id}"
    return url_for("desk.show_patient", patient_id=patient_id, _anchor=anchor)


def _home(series: InfusionSeries) -> LocationCalendar:
    return availability.current_catalogue().locations_by_id[series.location_id]


def _page(
    session: Session,
    form: TimeForm,
    problem: str = "",
    *,
    asks_reason: bool = False,
    unaccepted: Sequence[str] = (),
) -> str:
    session = get_session(session.id)
    series, now = _series_of(session), clock.now()
    location = get_requested_location(_home(series))

    def read_rules(each: LocationCalendar, day: date) -> RuledDay:
        return read_placing_rules(session, each, day, day, now)[0]

    fit = find_placing_fit(session, location, now)
    marks, today = mark_fit(fit, session, location), clock.local_date(now, location.zone.key)
    best_day = marks.best_start.astimezone(location.zone).date() if marks.best_start else today
    free = list_requested_free_times(
        location, get_session_demand(session, location), get_requested_date(best_day - BEFORE), now
    )
    chosen_day = get_requested_date(best_day if best_day in free.starts else free.first)
    sessions = sorted(
        list_standing_sessions(list_sessions(series.id)), key=lambda session: session.day
    )
    return render_template(
        "desk/series/place.html",
        patient=patient_or_404(series.patient_id),
        session=session,
        gap=get_phases(series)[session.phase].gap,
        before=[each for each in sessions if each.number < session.number][-1:],
        after=[each for each in sessions if each.number > session.number][:1],
        location=location,
        locations=availability.current_catalogue().locations.values(),
        free=free,
        chosen_day=chosen_day,
        why=answer_why_not(location, chosen_day, read_rules),
        fit=describe_fit(fit, location),
        marks=marks,
        chosen=parse_instant(form.start.data),
        form=form,
        problem=problem,
        asks_reason=asks_reason,
        unaccepted=unaccepted,
    )
