"""A form between visits, by a link of its own: the birth date first, then the nine items, sent in once."""

from collections.abc import Sequence

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _

from booking import clock
from booking.access import Access, access
from booking.locations import operations as locations
from booking.mood import operations as mood
from booking.mood.models import MoodForm
from booking.mood.operations import FormClosed
from booking.mood.queries import draw_patient_scores, find_mood_form, is_open
from booking.mood.rules import says_danger
from booking.mood.words import CHOICES, ITEMS, QUESTION
from booking.series.queries import get_series
from booking.site.birth_proof import TRIES_FROM_ADDRESS, is_proven, try_birth_date
from booking.site.blueprint import blueprint
from booking.site.forms import BirthDateForm, Problems
from booking.site.visitor_hold import Page
from booking.web.limits import limit_rate
from booking.web.page_language import is_language_switch

NAMES = [f"item-{number}" for number in range(1, len(ITEMS) + 1)]
VALUES = [str(value) for value in range(len(CHOICES))]


@blueprint.get("/q/<form_token>")
@access(Access.TOKEN)
def show_form(form_token: str) -> Page:
    """Ask for the birth date, then the form, or say what became of it; writes nothing."""
    form = get_form_or_404(form_token)
    if form.answered_at is None and not is_open(form, clock.now()):
        return _page("site/form_closed.html", form)
    if not is_proven(form_token, clock.now()):
        return _asking_page(form, BirthDateForm(formdata=None))
    return _items_page(form) if form.answers is None else _answered_page(form)


@blueprint.post("/q/<form_token>/birth-date")
@access(Access.TOKEN)
@limit_rate(TRIES_FROM_ADDRESS, unless=is_language_switch)
def prove_form_is_own(form_token: str) -> Page:
    """Compare the birth date; answers that waited for it are shown again, still to be sent in."""
    form, birth = get_form_or_404(form_token), BirthDateForm()
    if is_language_switch():
        return _asking_page(form, birth)
    if not try_birth_date(
        birth,
        form_token,
        f"form {form.id}",
        lambda day: mood.is_own_birth_date(form, day),
        clock.now(),
    ):
        return _asking_page(form, birth), 422
    if form.answers is None and _list_chosen():
        return _items_page(form)
    return redirect(url_for(".show_form", form_token=form_token))


@blueprint.post("/q/<form_token>")
@access(Access.TOKEN)
def send_form(form_token: str) -> Page:
    """Keep the answers, once; item 9 above zero shows the help page, and a person is told."""
    form = get_form_or_404(form_token)
    if not is_proven(form_token, clock.now()):
        return _asking_page(form, BirthDateForm(formdata=None)), 403
    if is_language_switch():
        return _items_page(form)
    missing = [name for name in NAMES if request.form.get(name) not in VALUES]
    if missing and form.answers is None:
        return _items_page(form, missing), 422
    answers = [] if missing else [int(request.form[name]) for name in NAMES]
    try:
        form = mood.answer_form(form_token, answers, clock.now()) if answers else form
    except FormClosed:
        return _page("site/form_closed.html", form), 409
    return redirect(url_for(".show_form", form_token=form_token))


def get_form_or_404(form_token: str) -> MoodForm:
    """Return the form whose link has this token."""
    return find_mood_form(form_token) or abort(404)


def _answered_page(form: MoodForm) -> Page:
    """Thank, and show the line so far; or the help page, whenever somebody comes back to it."""
    if form.answers and says_danger(form.answers):
        return redirect(url_for(".show_help_now"))
    chart = draw_patient_scores(mood.get_patient_of_form(form).id)
    return _page("site/form_done.html", form, chart=chart)


def _asking_page(form: MoodForm, birth: BirthDateForm) -> str:
    return _page(
        "site/form_birth_date.html",
        form,
        birth=birth,
        problems=birth.birth_date_problems,
        chosen=_list_chosen(),
    )


def _list_chosen() -> list[tuple[str, str]]:
    """Return the answers that came with a request, by their names."""
    values = [(name, request.form.get(name, "")) for name in NAMES]
    return [(name, value) for name, value in values if value in VALUES]


def _items_page(form: MoodForm, missing: Sequence[str] = ()) -> str:
    problems: Problems = [
        (f"{name}-0", _("Question %(number)d: choose one of the four.", number=number))
        for number, name in enumerate(NAMES, start=1)
        if name in missing
    ]
    return _page(
        "site/form_items.html",
        form,
        question=QUESTION,
        items=list(zip(NAMES, ITEMS, strict=True)),
        choices=list(zip(VALUES, CHOICES, strict=True)),
        chosen=dict(_list_chosen()),
        missing=missing,
        problems=problems,
    )


def _page(template: str, form: MoodForm, **context: object) -> str:
    """Return a page about a form, with the location's name and phone."""
    location = locations.get_location(get_series(form.series_id).location_id)
    return render_template(template, mood_form=form, location=location, **context)
