"""Correcting who a patient is, what they are called, how to reach them, and what they allow."""

from collections.abc import Sequence
from dataclasses import replace

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Optional

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.form_versions import contact_version, require_contact_version
from booking.desk.forms import NewPatientForm, parse_field
from booking.desk.patients.time_zones import list_zone_choices
from booking.desk.patients.views import patient_or_404
from booking.desk.refusals import FORM_REFUSALS, explain_refusal, explain_stale_version
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.messaging.opt_outs import is_opted_out
from booking.patients import editing
from booking.patients import operations as patients
from booking.patients.duplicates import PossibleDuplicates
from booking.patients.models import Patient
from booking.patients.rules import Contact, ContactPreferences, strip_extension
from booking.reminders.patient_details import PatientUpdate, update_patient_details
from booking.screening.rules import is_adult
from booking.web.consent import consent_wording
from booking.web.contacts import parse_name

DATE = "%m/%d/%Y"


class PatientDetailsForm(NewPatientForm):
    """A patient's record, each line as it should be."""

    is_new = BooleanField(_l("None of these: keep it as it is typed here"))
    preferred_name = StringField(
        _l("Name to use"),
        [Optional()],
        description=_l("What they want to be called; empty: the first name."),
    )
    texts = RadioField(
        _l("May we text them at this number?"),
        [Optional()],
        choices=[SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No"))],
        description=_l("Consent belongs to the number: ask again when it changes."),
    )
    safe_to_text = RadioField(
        _l("Is it safe to text them?"),
        [InputRequired(_l("Choose yes or no."))],
        choices=[SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No"))],
        description=_l("No stops every text, consent or not: somebody else may read their phone."),
    )
    leave_voicemail = RadioField(
        _l("May we leave a voicemail?"),
        [Optional()],
        choices=[
            SelectChoice("yes", _l("Yes")),
            SelectChoice("no", _l("No")),
            SelectChoice("", _l("Not asked")),
        ],
    )

    time_zone = SelectField(
        _l("Time zone where they live: no text goes out in its night"),
        choices=list_zone_choices,
        default="",
    )

    def validate_preferred_name(self, field: StringField) -> None:
        """Refuse what can't be a name."""
        parse_field(parse_name, field)

    def validate_details(self, patient: Patient) -> bool:
        """Tell whether all can be kept; what can't is said at its field."""
        is_valid = bool(self.validate())
        if is_valid and not is_adult(
            self.parsed_birth_date, clock.local_date(clock.now(), _zone())
        ):
            self.birth_date.errors = [_("The clinic treats adults only.")]
            return False
        if is_valid and self._lacks_consent(patient):
            self.texts.errors = [_("The number is new: ask, and choose yes or no.")]
            return False
        return is_valid

    @property
    def details(self) -> PatientUpdate:
        """What should stand in the record, once the form is valid."""
        return PatientUpdate(
            self.contact,
            ContactPreferences(
                self.safe_to_text.data == "yes",
                _answer(self.leave_voicemail),
                self.time_zone.data or None,
            ),
            self.parsed_birth_date,
            _answer(self.texts),
            consent_wording(),
            is_distinct=self.is_new.data,
        )

    @property
    def contact(self) -> Contact:
        """Who it is and how to reach them, once the form is valid."""
        return replace(super().contact, preferred_name=parse_field(parse_name, self.preferred_name))

    def _lacks_consent(self, patient: Patient) -> bool:
        phone = self.contact.phone
        return phone is not None and phone != patient.phone and not self.texts.data


def _answer(field: RadioField) -> bool | None:
    return {"yes": True, "no": False}.get(field.data or "")


def _zone() -> str:
    return last_used_location().zone.key


@blueprint.get("/patients/<int:patient_id>/details")
@access(Access.STAFF)
def edit_details(patient_id: int) -> str:
    """Show the record to be corrected."""
    patient = patient_or_404(patient_id)
    current_values = {
        **editing.list_values(patient),
        "birth_date": patient.birth_date.strftime(DATE),
        "leave_voicemail": editing.YES_OR_NO[patient.leave_voicemail] or "",
        "time_zone": patient.time_zone or "",
    }
    return _page(patient, PatientDetailsForm(formdata=None, data=current_values))


@blueprint.post("/patients/<int:patient_id>/details")
@access(Access.STAFF)
def save_details(patient_id: int) -> AnyResponse | tuple[str, int]:
    """Save a patient's contact details as they were typed."""
    patient, form = patient_or_404(patient_id), PatientDetailsForm()
    if not form.validate_details(patient):
        return _page(patient, form, explain_stale_version(contact_version(patient))), 422
    try:
        return submit_once(lambda: _kept(patient.id, form)).to_response()
    except PossibleDuplicates as refusal:
        return _page(patient_or_404(patient_id), form, duplicates=refusal.patients), 422
    except FORM_REFUSALS as refusal:
        return _page(patient_or_404(patient_id), form, explain_refusal(refusal)), 422


def _kept(patient_id: int, form: PatientDetailsForm) -> RedirectWithNotice:
    require_contact_version(patient_id)
    update_patient_details(patient_id, form.details, current_user.id, clock.now())
    page = url_for("desk.show_patient", patient_id=patient_id)
    return RedirectWithNotice(
        page, str(_("Corrected. Messages still to come go to what is on file now."))
    )


def _page(
    patient: Patient,
    form: PatientDetailsForm,
    problem: str = "",
    duplicates: Sequence[Patient] = (),
) -> str:
    phone = patient.phone
    return render_template(
        "desk/patients/details.html",
        patient=patient,
        form=form,
        problem=problem,
        alike=duplicates,
        wording=consent_wording(),
        opted_out=phone is not None and is_opted_out(strip_extension(phone)),
        may_text=phone is not None and patients.has_text_consent(patient.id, phone),
    )
