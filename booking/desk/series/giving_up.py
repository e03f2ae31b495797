"""Giving up a session without a time: a practitioner's decision, with a reason; the others stay."""

from flask import abort, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import require_session_version, series_version
from booking.desk.forms import ReasonForm
from booking.desk.patients.views import patient_or_404
from booking.desk.refusals import FORM_REFUSALS, explain_refusal, explain_stale_version
from booking.desk.series.changing import refuse_not_pending
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.series import operations as series_operations
from booking.series import refusals
from booking.series.models import Session
from booking.series.progress import UNPLACED_STATES
from booking.series.queries import find_session, get_series, get_session


@blueprint.get("/sessions/<int:session_id>/give-up")
@access(Access.PRACTITIONER)
def confirm_give_up(session_id: int) -> AnyResponse | str:
    """Ask why a session is given up; one that has a time is on the patient's page."""
    session = find_session(session_id) or abort(404)
    if session.state not in UNPLACED_STATES:
        return redirect(_patient_address(session))
    return _page(session, ReasonForm(formdata=None))


@blueprint.post("/sessions/<int:session_id>/give-up")
@access(Access.PRACTITIONER)
def give_up_session(session_id: int) -> AnyResponse | tuple[str, int]:
    """Give a session up; its tasks are done with the reason."""
    session, form = find_session(session_id) or abort(404), ReasonForm()
    if not form.validate():
        return _page(session, form, explain_stale_version(series_version(session.series_id))), 422
    try:
        return submit_once(lambda: _given_up(session, form)).to_response()
    except refusals.SeriesNotPending:
        return refuse_not_pending(get_series(session.series_id))
    except FORM_REFUSALS as refusal:
        return _page(get_session(session_id), form, explain_refusal(refusal)), 422


def _given_up(session: Session, form: ReasonForm) -> RedirectWithNotice:
    require_session_version(session.id)
    reason = (form.reason.data or "").strip()
    series_operations.give_up_session(session.id, current_user.id, clock.now(), reason=reason)
    return RedirectWithNotice(_patient_address(session), str(_("The session is given up.")))


def _patient_address(session: Session) -> str:
    series = get_series(session.series_id)
    return url_for("desk.show_patient", patient_id=series.patient_id, _anchor=f"series-{series.id}")


def _page(session: Session, form: ReasonForm, problem: str = "") -> str:
    series = get_series(session.series_id)
    return render_template(
        "desk/series/give_up.html",
        patient=patient_or_404(series.patient_id),
        session=session,
        form=form,
        problem=problem,
    )
