"""What payers have authorised for a series: shown, recorded, and ended."""

from datetime import date

from flask import abort, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from booking import clock
from booking.access import Access, access
from booking.dates import latest_plannable_date
from booking.desk.blueprint import blueprint
from booking.desk.date_fields import DayField
from booking.desk.form_versions import authorisation_version, require_authorisation_version
from booking.desk.patients.views import patient_or_404
from booking.desk.refusals import FORM_REFUSALS, explain_refusal, explain_stale_version
from booking.desk.series.phase_form import BoundedIntegerField
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.series import authorisation_records
from booking.series.authorisations import AuthorisedSessions
from booking.series.models import InfusionSeries
from booking.series.progress import GOING_ON
from booking.series.queries import find_series, get_series
from booking.series.rules import MAX_SESSIONS, InvalidSchedule
from booking.web.formats import format_long_date
from booking.web.worded_forms import WordedForm

EARLIEST = date(2000, 1, 1)


class AuthorisationForm(WordedForm):
    """The payer's number, how many sessions, and the days between which they are."""

    reference = StringField(
        _l("Payer's number"),
        [InputRequired(_l("Enter the number on the payer's letter.")), Length(max=60)],
    )
    sessions = BoundedIntegerField(
        _l("Sessions"), 1, MAX_SESSIONS, InputRequired(_l("Enter a whole number."))
    )
    first_day = DayField(_l("From"), [InputRequired(_l("Enter a day."))])
    last_day = DayField(_l("Until"), [InputRequired(_l("Enter a day."))])

    def read(self) -> AuthorisedSessions | None:
        """Return what was entered; None with the errors at their fields."""
        first, last = self.first_day.data, self.last_day.data
        if not self.validate() or first is None or last is None:
            return None
        end = latest_plannable_date(clock.now().date())
        if not EARLIEST <= first <= last <= end:
            self.last_day.errors = [
                _("Enter a day after the first, up to %(last)s.", last=format_long_date(end))
            ]
            return None
        return AuthorisedSessions(self.sessions.data or 0, first, last)


@blueprint.get("/series/<int:series_id>/authorisations")
@access(Access.STAFF)
def show_authorisations(series_id: int) -> str:
    """Show what is authorised for a series."""
    return _page(_series_or_404(series_id), AuthorisationForm(formdata=None))


@blueprint.post("/series/<int:series_id>/authorisations")
@access(Access.STAFF)
def record_authorisation(series_id: int) -> AnyResponse | tuple[str, int]:
    """Record an authorisation; plans from now on keep to it."""
    series, form = _series_or_404(series_id), AuthorisationForm()
    authorised = form.read()
    if authorised is None:
        return _page(series, form, explain_stale_version(authorisation_version(series_id))), 422
    try:
        return submit_once(lambda: _recorded(series_id, authorised, form)).to_response()
    except InvalidSchedule:
        problem = _("Two at most, and not at the same time: end the one that counts no longer.")
        return _page(get_series(series_id), form, problem), 422
    except FORM_REFUSALS as refusal:
        return _page(get_series(series_id), form, explain_refusal(refusal)), 422


@blueprint.post("/series/<int:series_id>/authorisations/<int:authorisation_id>/end")
@access(Access.STAFF)
def end_authorisation(series_id: int, authorisation_id: int) -> AnyResponse | tuple[str, int]:
    """Let an authorisation count no longer."""
    record = authorisation_records.find_authorisation(authorisation_id)
    if record is None or record.series_id != series_id:
        abort(404)
    try:
        return submit_once(lambda: _ended(series_id, authorisation_id)).to_response()
    except FORM_REFUSALS as refusal:
        form = AuthorisationForm(formdata=None)
        return _page(get_series(series_id), form, explain_refusal(refusal)), 422


def _recorded(
    series_id: int, authorised: AuthorisedSessions, form: AuthorisationForm
) -> RedirectWithNotice:
    require_authorisation_version(series_id)
    reference = (form.reference.data or "").strip()
    authorisation_records.record_authorisation(
        series_id, authorised, reference, current_user.id, clock.now()
    )
    return RedirectWithNotice(_address(series_id), str(_("Recorded. Plans keep to it.")))


def _ended(series_id: int, authorisation_id: int) -> RedirectWithNotice:
    require_authorisation_version(series_id)
    authorisation_records.end_authorisation(authorisation_id, current_user.id, clock.now())
    return RedirectWithNotice(_address(series_id), str(_("It counts no longer.")))


def _series_or_404(series_id: int) -> InfusionSeries:
    return find_series(series_id) or abort(404)


def _address(series_id: int) -> str:
    return url_for("desk.show_authorisations", series_id=series_id)


def _page(series: InfusionSeries, form: AuthorisationForm, problem: str = "") -> str:
    remaining = authorisation_records.list_remaining_authorisations(series.id, ())
    rows = zip(authorisation_records.list_authorisations(series.id), remaining, strict=True)
    return render_template(
        "desk/series/authorisations.html",
        series=series,
        patient=patient_or_404(series.patient_id),
        rows=[(record, left.sessions) for record, left in rows],
        goes_on=series.status in GOING_ON,
        form=form,
        problem=problem,
    )
