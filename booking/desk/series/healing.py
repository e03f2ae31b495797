"""After a session was lost: what was, beside what would be, and one step to make it so."""

from collections.abc import Sequence
from datetime import datetime

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.calendars import availability
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import require_series_version, series_version
from booking.desk.patients.views import patient_or_404
from booking.desk.refusals import REFUSALS, explain_refusal, explain_stale_version
from booking.desk.series.changing import refuse_not_pending
from booking.desk.series.gap_choices import (
    apply_gap_choice,
    is_gap_decision,
    list_gap_choices,
)
from booking.desk.series.healing_forms import HealingForm
from booking.desk.series.healing_words import describe_option
from booking.desk.series.obstacles import explain_infusions_not_offered
from booking.desk.series.telling import describe_telling
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.patients.models import Patient
from booking.series import refusals
from booking.series.applied_healing import apply_healing
from booking.series.completion import needs_decision
from booking.series.healing import (
    Healing,
    HealingOrder,
    HealingWay,
    is_sound,
    propose_ways,
    propose_with_fewest,
)
from booking.series.models import InfusionSeries, Session
from booking.series.progress import UNPLACED_STATES, SeriesStatus, SessionState
from booking.series.queries import (
    find_series,
    find_session,
    get_series,
    is_placeable,
    lacks_time,
    list_sessions,
)

WHY_NOT = (
    refusals.PlanChanged,
    refusals.PractitionerRequired,
    refusals.ReasonRequired,
    refusals.InvalidChange,
    availability.UnknownSlug,
)


@blueprint.get("/sessions/<int:session_id>/heal")
@access(Access.STAFF)
def choose_healing(session_id: int) -> AnyResponse | str:
    """Show what can be done about a session without a time, each with what it changes."""
    session = find_session(session_id) or abort(404)
    series = get_series(session.series_id)
    if series.status is not SeriesStatus.ACTIVE or not lacks_time(session, series):
        return redirect(_patient_address(series))
    return _page(series, session, HealingForm(formdata=None, way=request.args.get("way")))


@blueprint.post("/sessions/<int:session_id>/heal")
@access(Access.STAFF)
def heal_session(session_id: int) -> AnyResponse | tuple[str, int]:
    """Do what was chosen about a session, as it was shown, or nothing."""
    session = find_session(session_id) or abort(404)
    return _submit(get_series(session.series_id), session)


@blueprint.get("/series/<int:series_id>/heal")
@access(Access.STAFF)
def choose_series_healing(series_id: int) -> AnyResponse | str:
    """Show the first session that waits for a time; else other times for visits that can't take place."""
    series = find_series(series_id) or abort(404)
    if series.status is not SeriesStatus.ACTIVE:
        return redirect(_patient_address(series))
    waiting = [
        each.session
        for each in list_sessions(series_id)
        if each.session.state is SessionState.UNPLACED or needs_decision([each])
    ]
    if waiting:
        return redirect(url_for("desk.choose_healing", session_id=waiting[0].id))
    return _page(series, None, HealingForm(formdata=None))


@blueprint.post("/series/<int:series_id>/heal")
@access(Access.STAFF)
def heal_series(series_id: int) -> AnyResponse | tuple[str, int]:
    """Give visits that can't take place other times, as it was shown, or nothing."""
    return _submit(find_series(series_id) or abort(404), None)


def _submit(series: InfusionSeries, session: Session | None) -> AnyResponse | tuple[str, int]:
    form, series_id = HealingForm(), series.id
    if current_user.may_decide:
        form.allow(each for each in request.form.getlist("way") if is_gap_decision(each))
    if not form.validate():
        outdated = explain_stale_version(series_version(series.id))
        problem = _("Choose what to do.") if form.way.errors else ""
        return _page(series, session, form, outdated or problem), 422
    try:
        return submit_once(lambda: _healed(series, session, form)).to_response()
    except refusals.SeriesNotPending:
        return refuse_not_pending(get_series(series_id))
    except WHY_NOT as refusal:
        return _page(get_series(series_id), session, form, explain_not_healed(refusal)), 422
    except REFUSALS as refusal:
        return _page(get_series(series_id), session, form, explain_refusal(refusal)), 422


def _healed(
    series: InfusionSeries, session: Session | None, form: HealingForm
) -> RedirectWithNotice:
    require_series_version(series.id)
    key, reason = request.form.get(f"plan-{form.way.data}", ""), (form.reason.data or "").strip()
    if is_gap_decision(form.way.data):
        if not reason:
            raise refusals.ReasonRequired
        notice = apply_gap_choice(series.id, form.way.data, key, reason, clock.now())
        return RedirectWithNotice(_patient_address(series), notice)
    order = HealingOrder(series.id, session.id if session else None, HealingWay(form.way.data))
    healing = apply_healing(order, key, clock.now(), current_user.actor, reason=reason)
    return RedirectWithNotice(
        _patient_address(series), describe_result(healing, patient_or_404(series.patient_id))
    )


def describe_result(healing: Healing, patient: Patient) -> str:
    """Return what was changed, as a notice, and whether its patient hears of it."""
    if not (healing.new_count or healing.moved_count or healing.lost_appointments):
        return str(_("Noted. No visit changes."))
    counts = {"new": healing.new_count, "moved": healing.moved_count}
    only_booked = not (healing.moved_count or healing.lost_appointments)
    telling = describe_telling(patient, only_booked=only_booked)
    return f"{_('Done: %(new)s new, %(moved)s moved.', **counts)} {telling}"


def explain_not_healed(refusal: Exception) -> str:
    """Return why a proposal was not made true, and what to do."""
    words: dict[type[Exception], str] = {
        refusals.PlanChanged: _(
            "Something was booked meanwhile. This is what can be done now: choose again."
        ),
        refusals.PractitionerRequired: _("Only a practitioner decides this. Ask one."),
        refusals.ReasonRequired: _("Enter a reason: it is kept with the series."),
    }
    if isinstance(refusal, refusals.InvalidChange):
        return explain_waiting(refusal.field)
    return words.get(type(refusal)) or explain_infusions_not_offered()


def explain_waiting(code: str) -> str:
    """Return what is decided first, before a series can be planned anew."""
    words = {
        "paused": _("The series rests. A practitioner decides first how it goes on."),
        "suspended": _("The visits to come are suspended. A practitioner decides that first."),
    }
    return str(words.get(code) or _("Choose today or a later day, and an end after the beginning."))


def _patient_address(series: InfusionSeries) -> str:
    return url_for("desk.show_patient", patient_id=series.patient_id, _anchor=f"series-{series.id}")


def _propose(
    series: InfusionSeries, session: Session | None, now: datetime
) -> tuple[Sequence[Healing], str]:
    """Return the proposals; without any, why there is none."""
    try:
        if session is not None:
            return propose_ways(session, now), ""
        proposals = propose_with_fewest(HealingOrder(series.id), now)
        proposal = proposals[0]
        changes = any(not each.is_kept for each in proposal.changes) or proposal.long_gaps
        return (proposals, "") if changes and is_sound(proposal) else ([], "")
    except refusals.InvalidChange as refusal:
        return [], explain_waiting(refusal.field)
    except availability.UnknownSlug:
        return [], explain_infusions_not_offered()
    except refusals.SeriesNotPending:
        return [], ""


def _page(
    series: InfusionSeries, session: Session | None, form: HealingForm, problem: str = ""
) -> str:
    now, may_decide = clock.now(), current_user.may_decide
    proposals, hindrance = _propose(series, session, now)
    options = [describe_option(each, may_decide=may_decide) for each in proposals]
    is_over_limit = bool(options) and all(option.healing.long_gaps for option in options)
    gap_choices = list_gap_choices(series, now) if is_over_limit and may_decide else []
    location = availability.current_catalogue().locations_by_id[series.location_id]
    return render_template(
        "desk/series/heal.html",
        series=series,
        session=session,
        patient=patient_or_404(series.patient_id),
        location=location,
        options=options,
        chosen=form.way.data,
        asks_reason=any(
            o.may_apply and (o.healing.long_gaps or o.healing.given_up) for o in options
        ),
        is_waiting=session is None or session.state in UNPLACED_STATES,
        may_place=session is not None and is_placeable(session, series),
        is_over_limit=is_over_limit,
        gap_choices=gap_choices,
        hindrance=hindrance,
        form=form,
        problem=problem,
        now=now,
    )
