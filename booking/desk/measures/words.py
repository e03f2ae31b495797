"""Measures and what is foreseen, as the desk reads them: names, definitions, figures."""

from datetime import time

from babel.dates import format_time
from flask_babel import format_decimal, format_percent
from flask_babel import gettext as _

from booking.desk.blueprint import blueprint
from booking.measures.figures import Figure, Unit
from booking.measures.foresight import ForeseenSessionKind
from booking.measures.loads import Bottleneck
from booking.measures.reports import Measure
from booking.web.formats import page_locale


def format_measure(measure: Measure) -> str:
    """Return a measure's name."""
    words: dict[Measure, str] = {
        Measure.CHAIRS_SCHEDULED: _("Chair time scheduled"),
        Measure.CHAIRS_USED: _("Chair time used"),
        Measure.NO_SHOWS: _("No-shows, of visits booked"),
        Measure.NO_SHOWS_OF_SLOTS: _("No-shows, of all slots"),
        Measure.ADHERENCE: _("Gaps within the prescribed window"),
        Measure.COMPLETION: _("First phase finished in its window"),
        Measure.REFILLS: _("Cancelled times booked again"),
        Measure.LEAD_MEDIAN: _("Booking to visit, half within"),
        Measure.LEAD_P90: _("Booking to visit, 9 in 10 within"),
        Measure.WAIT_MEDIAN: _("Consultation to first infusion, half within"),
        Measure.WAIT_P90: _("Consultation to first infusion, 9 in 10 within"),
        Measure.THIRD_CONSULTATION: _("Third next consultation"),
        Measure.THIRD_INFUSION: _("Third next infusion"),
    }
    return words[measure]


def explain_measure(measure: Measure) -> str:
    """Return how a measure is defined, in a sentence."""
    words: dict[Measure, str] = {
        Measure.CHAIRS_SCHEDULED: _(
            "Hours of infusions that were not cancelled, of the hours that chairs were there."
        ),
        Measure.CHAIRS_USED: _(
            "Hours of infusions that were given or stopped early, of the hours that chairs were there."
        ),
        Measure.NO_SHOWS: _("Visits that came due and were not cancelled."),
        Measure.NO_SHOWS_OF_SLOTS: _(
            "Slots are the visits there was time for: infusions by chairs, consultations by rooms and "
            "practitioners."
        ),
        Measure.ADHERENCE: _(
            "Gaps between infusions given one after the other, by the day on which they ended."
        ),
        Measure.COMPLETION: _(
            "Of the patients who began then; who can still finish in time is not counted yet."
        ),
        Measure.REFILLS: _("At least half of the time was booked again, or moved into."),
        Measure.LEAD_MEDIAN: _("Visits that came due and were not cancelled."),
        Measure.LEAD_P90: _("Visits that came due and were not cancelled."),
        Measure.WAIT_MEDIAN: _("Series that began then, from the last consultation before."),
        Measure.WAIT_P90: _("Series that began then, from the last consultation before."),
        Measure.THIRD_CONSULTATION: _(
            "Days from today to the third slot that can be booked online now; times that are held "
            "are taken."
        ),
        Measure.THIRD_INFUSION: _(
            "Days from today to the third slot that the desk can book now; times that are held are "
            "taken."
        ),
    }
    return words[measure]


def format_figure(figure: Figure) -> str:
    """Return a value with its unit, "–" without one."""
    if figure.value is None:
        return "–"
    if figure.unit is Unit.SHARE:
        return str(format_percent(figure.value))
    days = f"{figure.value:.1f}".removesuffix(".0")
    return str(_("1 day") if days == "1" else _("%(days)s days", days=days))


def format_figure_basis(measure: Measure, figure: Figure) -> str:
    """Return what a value is made of: hours, cases or visits."""
    if measure in (Measure.CHAIRS_SCHEDULED, Measure.CHAIRS_USED):
        hours, there = (
            format_decimal(round(minutes / 60)) for minutes in (figure.part or 0, figure.whole)
        )
        return str(_("%(hours)s of %(there)s hours", hours=hours, there=there))
    if figure.unit is Unit.SHARE:
        part, whole = round(figure.part or 0), round(figure.whole)
        return str(_("%(part)s of %(whole)s", part=part, whole=whole))
    if measure in (Measure.THIRD_CONSULTATION, Measure.THIRD_INFUSION):
        return str(_("%(count)s slots open", count=round(figure.whole)))
    return str(_("%(count)s measured", count=round(figure.whole)))


def format_foreseen_session_kind(kind: ForeseenSessionKind) -> str:
    """Return why sessions are foreseen."""
    words: dict[ForeseenSessionKind, str] = {
        ForeseenSessionKind.ONGOING: _("Series that go on, beyond what is booked"),
        ForeseenSessionKind.WITHOUT_TIME: _("Sessions without a time"),
        ForeseenSessionKind.PRESCRIBED: _("Series prescribed and not booked"),
        ForeseenSessionKind.NEW: _("New series, at the recent rate"),
    }
    return words[kind]


def explain_foreseen_session_kind(kind: ForeseenSessionKind) -> str:
    """Return on which days and at which times they are taken to be."""
    words: dict[ForeseenSessionKind, str] = {
        ForeseenSessionKind.ONGOING: _("On their usual weekday, at their usual time and place."),
        ForeseenSessionKind.WITHOUT_TIME: _("As soon as their gap says, at the usual time."),
        ForeseenSessionKind.PRESCRIBED: _("On days that suit; each time that suits is as likely."),
        ForeseenSessionKind.NEW: _(
            "As many begin each week as were prescribed a week in the last 8 weeks, each like one of "
            "those; each open day and time is as likely."
        ),
    }
    return words[kind]


def format_bottleneck(bottleneck: Bottleneck) -> str:
    """Return what is fuller."""
    words: dict[Bottleneck, str] = {
        Bottleneck.CHAIRS: _("Chairs"),
        Bottleneck.NURSES: _("Nurses"),
    }
    return words[bottleneck]


def format_bottleneck_letter(bottleneck: Bottleneck) -> str:
    """Return what is fuller, as the letter that stands in a cell."""
    return format_bottleneck(bottleneck)[0]


def format_minute(minute: int) -> str:
    """Return a local minute of the day as a column's head says it, like "8 AM" and "8:30"."""
    # Translators: times at the head of narrow columns, as CLDR writes patterns of times
    pattern = _("h:mm") if minute % 60 else _("h a")
    return format_time(time(*divmod(minute, 60)), pattern, locale=page_locale())


for _show in (
    *(
        format_measure,
        explain_measure,
        format_figure,
        format_figure_basis,
        format_foreseen_session_kind,
    ),
    *(explain_foreseen_session_kind, format_bottleneck, format_bottleneck_letter, format_minute),
):
    blueprint.add_app_template_filter(_show)
