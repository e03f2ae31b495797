"""How the clinic runs: the measures of a period, as a table, drawn, and for spreadsheets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from flask import Response, abort, render_template, request
from flask_babel import gettext as _

from booking import clock, dates
from booking.access import Access, access
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.desk.blueprint import blueprint
from booking.desk.measures.words import format_measure
from booking.measures.figures import MAX_PERIOD, Figure, Period, Unit, compute_default_period
from booking.measures.reports import (
    BY_WEEK,
    Measure,
    Report,
    compute_last_measurable_day,
    compute_report,
)
from booking.measures.week_charts import WeekChart, draw_weeks
from booking.web.spreadsheets import Cell, build_csv_download

Page = str | tuple[str, int]
CHARTS: tuple[tuple[Measure, ...], ...] = (  # measures that are drawn together
    (Measure.CHAIRS_SCHEDULED, Measure.CHAIRS_USED),
    (Measure.NO_SHOWS,),
    (Measure.ADHERENCE,),
    (Measure.COMPLETION,),
    (Measure.WAIT_P90, Measure.LEAD_P90),
)
HEADER = ("location", "first_day", "last_day", "measure", "value", "unit", "part", "of")


@dataclass(frozen=True, slots=True)
class MeasuresFilter:
    """What the page's form asks for, as typed, and what is wrong with it by field."""

    location: str
    first: str
    last: str
    period: Period
    locations: Sequence[LocationCalendar]
    errors: dict[str, str] = field(default_factory=dict)


@blueprint.get("/measures")
@access(Access.STAFF)
def show_measures() -> Page:
    """Show the measures of a period, of all locations or one."""
    now = clock.now()
    wish = _read_filter(now)
    if wish.errors:
        return _render(wish, None), 422
    return _render(wish, compute_report(wish.locations, wish.period, now))


@blueprint.get("/measures.csv")
@access(Access.STAFF)
def download_measures() -> Response | Page:
    """Give the measures of a period, of each location and week by week, as a table for spreadsheets."""
    now = clock.now()
    wish = _read_filter(now)
    if wish.errors:
        return _render(wish, None), 422
    report = compute_report(wish.locations, wish.period, now)
    name = f"measures-{wish.period.first}-{wish.period.last}"
    return build_csv_download(name, HEADER, _list_rows(report))


def _read_filter(now: datetime) -> MeasuresFilter:
    """Return what is asked for: the last twelve whole weeks of all locations, where nothing is."""
    by_slug = availability.current_catalogue().locations or abort(404)
    slug = request.args.get("location", "")
    locations = [by_slug[slug]] if slug in by_slug else list(by_slug.values())
    today = compute_last_measurable_day(locations, now)
    period = compute_default_period(today)
    first, last = (
        request.args.get(name, "") or day.isoformat()
        for name, day in (("first", period.first), ("last", period.last))
    )
    first_day, last_day = dates.parse_day(first), dates.parse_day(last)
    errors = _validate(first_day, last_day, today)
    if first_day and last_day and not errors:
        period = Period(first_day, last_day)
    return MeasuresFilter(slug, first, last, period, locations, errors)


def _validate(first: date | None, last: date | None, today: date) -> dict[str, str]:
    if first is None:
        return {"first": _("Enter a day, like 2026-12-01.")}
    if last is None:
        return {"last": _("Enter a day, like 2026-12-01.")}
    if last > today:
        return {"last": _("Choose today or an earlier day: what is to come is under Capacity.")}
    if first > last:
        return {"first": _("Choose a day before the last one.")}
    if last - first >= MAX_PERIOD:
        return {"first": _("Choose a year at most.")}
    return {}


def _render(wish: MeasuresFilter, report: Report | None) -> str:
    return render_template(
        "desk/measures/measures.html",
        wish=wish,
        problems=wish.errors,
        report=report,
        measures=list(Measure),
        charts=_draw_charts(report) if report else [],
        locations=availability.current_catalogue().locations.values(),
    )


def _draw_charts(report: Report) -> list[tuple[tuple[Measure, ...], WeekChart]]:
    charts: list[tuple[tuple[Measure, ...], WeekChart]] = []
    for measures in CHARTS:
        rows = [(week.first, [of_week[key] for key in measures]) for week, of_week in report.weeks]
        if (chart := draw_weeks(rows)) is not None:
            charts.append((measures, chart))
    return charts


def _list_rows(report: Report) -> Iterator[list[Cell]]:
    names = {location.slug: location.name for location in report.locations}
    everywhere = _("All locations") if len(names) > 1 else next(iter(names.values()))
    for slug, figures in report.figures.items():
        name = names[slug] if slug else everywhere
        for measure in Measure:
            yield _row(name, report.period, measure, figures[measure])
    for week, figures in report.weeks:
        for measure in BY_WEEK:
            yield _row(everywhere, week, measure, figures[measure])


def _row(name: str, period: Period, measure: Measure, figure: Figure) -> list[Cell]:
    is_share = figure.unit is Unit.SHARE
    value = figure.value
    return [
        *(name, period.first.isoformat(), period.last.isoformat(), format_measure(measure)),
        round(100 * value if is_share else value, 2) if value is not None else None,
        "percent" if is_share else "days",
        *(figure.part, figure.whole),
    ]
