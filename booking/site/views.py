"""The patient's pages: one question a page; every step keeps the time that was chosen."""

from collections.abc import Sequence
from datetime import date, datetime

from flask import redirect, render_template, request, session, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments import booking, holds
from booking.appointments import operations as appointments
from booking.appointments.booking import PatientBusy, Stopped
from booking.appointments.holds import HoldGone
from booking.appointments.models import Appointment, BookingDraft
from booking.calendars import operations as calendars
from booking.calendars.operations import Slot, SlotTaken, UnknownName
from booking.db import OverlapError
from booking.extensions import db, limiter
from booking.locations import operations as locations
from booking.patients.rules import Contact
from booking.reminders.texts import sample_text
from booking.screening import operations as screening
from booking.screening.operations import Answers, VersionError
from booking.screening.rules import ScreeningOutcome
from booking.site import own_page
from booking.site.blueprint import blueprint
from booking.site.choosing import by_part, days_with_slots, soonest
from booking.site.forms import ContactForm, SafetyForm, YouForm, problems_of
from booking.web.consent import consent_wording

__all__ = ["blueprint", "own_page"]  # importing own_page adds its pages

SERVICE = "consultation"
HOLD, FLAG, BOOKED = "hold", "flag", "booked"  # what the signed session keeps: keys, never answers
HOLDS_ALLOWED = "30 per minute; 200 per hour"
Page = str | AnyResponse | tuple[str, int]


@blueprint.get("/")
@access(Access.PUBLIC)
def start() -> str:
    """What a first visit is, and the next times at each location."""
    now = clock.now()
    offer = calendars.find_offer(calendars.catalogue(), SERVICE)
    return render_template(
        "site/start.html", offer=offer, places=locations.all_active(), soonest=soonest(SERVICE, now)
    )


@blueprint.get("/book/time")
@access(Access.PUBLIC)
def time() -> Page:
    """Choose a location, a day and a time."""
    places = locations.all_active()
    slug = request.args.get("location", places[0].slug)
    if slug not in [place.slug for place in places]:
        return redirect(url_for(".time"))
    days = days_with_slots(SERVICE, slug, clock.now())
    day = _day(request.args.get("day"), days)
    return render_template(
        "site/time.html",
        places=places,
        place=next(place for place in places if place.slug == slug),
        days=days,
        day=day,
        parts=by_part(days.get(day, [])) if day else [],
    )


def _day(text: str | None, days: dict[date, list[Slot]]) -> date | None:
    """Return the day asked for, or the first that has times."""
    try:
        wanted = date.fromisoformat(text or "")
    except ValueError:
        wanted = None
    return wanted if wanted in days else next((day for day, slots in days.items() if slots), None)


@blueprint.post("/book/hold")
@access(Access.PUBLIC)
@limiter.limit(HOLDS_ALLOWED)
def hold() -> Page:
    """Hold the time that was tapped; someone who held another before keeps what was typed."""
    try:
        starts_at = datetime.fromisoformat(request.form.get("start", ""))
        location = request.form.get("location", "")
        if starts_at.tzinfo is None:
            raise ValueError("a start without a zone")
        return _hold(location, starts_at)
    except (ValueError, OverflowError, UnknownName):
        return redirect(url_for(".time"))


def _hold(location: str, starts_at: datetime) -> Page:
    now = clock.now()
    try:
        if HOLD in session:
            try:
                held = holds.change_time(session[HOLD], location, starts_at, now)
            except HoldGone:
                held = holds.hold(SERVICE, location, starts_at, now)
        else:
            held = holds.hold(SERVICE, location, starts_at, now)
    except (SlotTaken, OverlapError):
        return _taken(location, starts_at)
    session[HOLD] = held.token
    return redirect(_next_step(held))


def _next_step(held: Appointment) -> str:
    """Return the first page that has not been answered for this hold."""
    if screening.answers_under(held.id) is None:
        return url_for(".safety")
    if db.session.get(BookingDraft, held.id) is None:
        return url_for(".you")
    return url_for(".check")


def _taken(location: str, starts_at: datetime) -> tuple[str, int]:
    """Offer the nearest times; what was answered so far stays."""
    near = booking.nearest_slots(SERVICE, starts_at, clock.now(), location=location)
    elsewhere = [
        slot
        for slot in booking.nearest_slots(SERVICE, starts_at, clock.now(), count=8)
        if slot.place.slug != location
    ][:2]
    return render_template("site/taken.html", slots=[*near, *elsewhere], keeps=HOLD in session), 409


def _held() -> Appointment:
    """Return the visitor's hold; raise `HoldGone`."""
    return holds.find_hold(session.get(HOLD, ""))


@blueprint.errorhandler(HoldGone)
def on_gone(_error: HoldGone) -> AnyResponse:
    """Nothing is held any longer, or it is booked: show the visit, or begin."""
    session.pop(HOLD, None)
    return redirect(url_for(".done" if BOOKED in session else ".start"))


def _where(held: Appointment) -> dict[str, object]:
    return {"held": held, "place": locations.by_id(held.location_id)}


@blueprint.get("/book/safety")
@access(Access.PUBLIC)
def safety() -> str:
    """Ask the birth date and the safety questions; earlier answers are never shown again."""
    held = _held()
    _, questions = screening.questions()
    form = SafetyForm(questions, formdata=None)
    return render_template("site/safety.html", form=form, language=_language(), **_where(held))


@blueprint.post("/book/safety")
@access(Access.PUBLIC)
def judge_safety() -> Page:
    """Judge the answers together, and go where they lead."""
    held = _held()
    version, questions = screening.questions()
    form = SafetyForm(questions)
    if not form.read(held.local_date) or form.birth_date is None:
        page = render_template("site/safety.html", form=form, language=_language(), **_where(held))
        return page, 422
    given = Answers(version, form.answers, form.birth_date)
    try:
        judgement, flag_id = holds.screen(held.token, given, clock.now())
    except (SlotTaken, OverlapError):
        return _taken(locations.by_id(held.location_id).slug, held.starts_at)
    except VersionError:
        return redirect(url_for(".safety"))
    if flag_id is not None:
        session[FLAG] = flag_id
    if judgement.outcome.books:
        return redirect(_next_step(held))
    session.pop(HOLD, None)
    return redirect(_stopped(judgement.outcome, held))


def _stopped(outcome: ScreeningOutcome, held: Appointment) -> str:
    if outcome is ScreeningOutcome.CALL_FIRST:
        session["wanted"] = held.starts_at.isoformat()
        session["place"] = locations.by_id(held.location_id).slug
    pages = {
        ScreeningOutcome.HELP_FIRST: ".help_now",
        ScreeningOutcome.ADULTS_ONLY: ".adults",
        ScreeningOutcome.CALL_FIRST: ".call_first",
    }
    return url_for(pages[outcome])


@blueprint.get("/book/help")
@access(Access.PUBLIC)
def help_now() -> str:
    """Help first: 911 and 988 before anything else, and no form in the way."""
    return render_template("site/help.html", places=locations.all_active())


@blueprint.get("/book/adults")
@access(Access.PUBLIC)
def adults() -> str:
    """Adults only: nothing was kept."""
    return render_template("site/adults.html")


@blueprint.get("/book/call-first")
@access(Access.PUBLIC)
def call_first() -> str:
    """A clinician calls first: thank the person, and let them leave a number."""
    return render_template("site/call_first.html", form=ContactForm(formdata=None), problems=[])


@blueprint.post("/book/call-first")
@access(Access.PUBLIC)
@limiter.limit(HOLDS_ALLOWED)
def ask_call_first() -> Page:
    """Keep the number and give a clinician the task."""
    form = ContactForm()
    if not form.validate():
        page = render_template("site/call_first.html", form=form, problems=problems_of(form))
        return page, 422
    wanted = session.pop("wanted", None)
    place = calendars.catalogue().places.get(session.pop("place", ""))
    booking.ask_to_call_first(
        form.name.data,
        form.number,
        clock.now(),
        place=place,
        wanted_start=datetime.fromisoformat(wanted) if wanted else None,
        flag_id=session.get(FLAG),
    )
    return redirect(url_for(".call_noted"))


@blueprint.get("/book/call")
@access(Access.PUBLIC)
def call_me() -> str:
    """Would rather be called."""
    return render_template("site/call.html", form=ContactForm(formdata=None), problems=[])


@blueprint.post("/book/call")
@access(Access.PUBLIC)
@limiter.limit(HOLDS_ALLOWED)
def ask_call() -> Page:
    """Keep the number and give the desk the task."""
    form = ContactForm()
    if not form.validate():
        page = render_template("site/call.html", form=form, problems=problems_of(form))
        return page, 422
    booking.ask_to_call_back(form.name.data, form.number, clock.now())
    return redirect(url_for(".call_noted"))


@blueprint.get("/book/call/noted")
@access(Access.PUBLIC)
def call_noted() -> str:
    """We will call."""
    return render_template("site/call_noted.html", by=clock.now() + booking.CALL_WITHIN)


@blueprint.get("/book/you")
@access(Access.PUBLIC)
def you() -> Page:
    """Ask who the visit is for."""
    held = _held()
    if screening.answers_under(held.id) is None:
        return redirect(url_for(".safety"))
    draft = db.session.get(BookingDraft, held.id)
    contact = Contact.from_data(draft.details["contact"]) if draft else None
    form = YouForm.filled(contact, bool(draft and draft.details["sms_consent"]))
    return _you_page(form, held, [])


def _you_page(form: YouForm, held: Appointment, problems: Sequence[tuple[str, str]]) -> str:
    place = locations.by_id(held.location_id)
    return render_template(
        "site/you.html",
        form=form,
        problems=problems,
        sample=sample_text(place.neutral_name),
        wording=consent_wording(),
        **_where(held),
    )


@blueprint.post("/book/you")
@access(Access.PUBLIC)
def keep_you() -> Page:
    """Keep what was typed under the hold."""
    held, form = _held(), YouForm()
    if not form.validate():
        return _you_page(form, held, problems_of(form)), 422
    try:
        holds.describe(
            held.token,
            form.contact(_language()),
            sms_consent=form.sms_consent.data,
            wording=consent_wording(),
            now=clock.now(),
        )
    except (SlotTaken, OverlapError):
        return _taken(locations.by_id(held.location_id).slug, held.starts_at)
    return redirect(url_for(".check"))


@blueprint.get("/book/check")
@access(Access.PUBLIC)
def check() -> Page:
    """Show everything once before it is booked."""
    held = _held()
    if _next_step(held) != url_for(".check"):
        return redirect(_next_step(held))
    return _check_page(held)


def _check_page(held: Appointment, *, refused: bool = False) -> str:
    draft = db.session.get_one(BookingDraft, held.id)
    return render_template(
        "site/check.html",
        contact=Contact.from_data(draft.details["contact"]),
        sms_consent=draft.details["sms_consent"],
        refused=refused,
        offer=calendars.find_offer(calendars.catalogue(), SERVICE),
        **_where(held),
    )


@blueprint.post("/book/check")
@access(Access.PUBLIC)
def book() -> Page:
    """Book; pressed twice, it books once."""
    token = session.get(HOLD, "")
    held = holds.find_hold(token)
    try:
        done = booking.book_held(token, clock.now(), session.get(FLAG))
    except (SlotTaken, OverlapError):
        return _taken(locations.by_id(held.location_id).slug, held.starts_at)
    except PatientBusy:
        return _check_page(_held(), refused=True), 409
    if isinstance(done, Stopped):
        session.pop(HOLD, None)
        return redirect(_stopped(done.outcome, held))
    session[BOOKED] = session.pop(HOLD)
    return redirect(url_for(".done"))


@blueprint.get("/book/done")
@access(Access.PUBLIC)
def done() -> Page:
    """The reference, and what happens next."""
    visit = appointments.by_token(session.get(BOOKED, ""))
    if visit is None:
        return redirect(url_for(".start"))
    return render_template("site/done.html", visit=visit, place=locations.by_id(visit.location_id))


def _language() -> str:
    return str(get_locale())
