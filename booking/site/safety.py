"""The first step after a time is held: the safety questions."""

from flask import redirect, render_template, session
from flask_babel import get_locale

from booking import clock
from booking.access import Access, access
from booking.appointments import hold_details
from booking.appointments.models import Appointment
from booking.appointments.rules import new_token
from booking.calendars import availability
from booking.db.versions import StaleVersion
from booking.screening import operations as screening
from booking.screening.operations import OutdatedQuestions, ScreeningAnswers
from booking.site.blueprint import blueprint
from booking.site.form_differences import (
    SAFETY,
    Difference,
    describe_difference,
    parse_form_snapshot,
)
from booking.site.screening_form import NONE_OF_THESE, ScreeningForm
from booking.site.step_pages import describe_step, renew_hold_and_redirect
from booking.site.visitor_hold import (
    ANSWERS_ALLOWED,
    FLAG,
    HISTORY,
    HOLD,
    Page,
    find_visitor_hold,
    get_visitor_hold,
    has_answered_screening,
    page_for_outcome,
)
from booking.web.limits import limit_rate
from booking.web.page_language import is_language_switch


@blueprint.get("/book/safety")
@access(Access.PUBLIC)
def show_screening() -> str:
    """Ask the birth date and the safety questions; earlier answers are never shown again."""
    hold = get_visitor_hold()
    return render_screening_page(
        ScreeningForm(availability.current_catalogue().questions, formdata=None), hold
    )


def render_screening_page(
    form: ScreeningForm, hold: Appointment, difference: Difference | None = None
) -> str:
    """Show the questions, as `form` has been filled in."""
    response = screening.find_answers(hold.id)
    is_old = response is not None and not has_answered_screening(hold)
    return render_template(
        "site/safety.html",
        form=form,
        problems=form.problems,
        language=str(get_locale()),
        none_of_these=NONE_OF_THESE,
        questions_changed=form.is_old or is_old,
        has_answers=response is not None,
        **describe_step(hold, SAFETY, difference),
    )


@blueprint.post("/book/safety")
@access(Access.PUBLIC)
@limit_rate(ANSWERS_ALLOWED, unless=is_language_switch)
def submit_screening() -> Page:
    """Judge the answers together, and go where they lead."""
    now, form = clock.now(), ScreeningForm(availability.current_catalogue().questions)
    if is_language_switch():
        return render_screening_page(form, get_visitor_hold())
    if (
        form.is_outdated
        or not form.validate_all(availability.get_clinic_date(now))
        or form.birth_date is None
    ):
        return _ask_again(form, outdated=form.is_outdated)
    hold = find_visitor_hold()
    answers = ScreeningAnswers(
        form.answered_version, form.answers, form.birth_date, str(get_locale())
    )
    try:
        token, history_key = session.get(HOLD, ""), session.setdefault(HISTORY, new_token())
        result, flag_id = hold_details.record_screening(
            token, answers, now, parse_form_snapshot(SAFETY), history_key
        )
    except OutdatedQuestions:
        return _ask_again(form, outdated=True)
    except StaleVersion:
        hold = get_visitor_hold()
        return render_screening_page(form, hold, describe_difference(hold, SAFETY)), 409
    if flag_id is not None:
        session[FLAG] = flag_id
    if result.outcome.allows_booking:
        return renew_hold_and_redirect(get_visitor_hold())
    session.pop(HOLD, None)
    return redirect(page_for_outcome(result.outcome, hold, flag_id))


def _ask_again(form: ScreeningForm, *, outdated: bool) -> tuple[str, int]:
    """Ask for what is missing; where the questions have changed, ask them as they are now."""
    if outdated:
        form.reset_questions()
    return render_screening_page(form, get_visitor_hold()), 409 if outdated else 422
