"""A series on one line of time: what was, what is to come, and what was changed, with the scores over it."""

from flask import abort, render_template
from flask_login import current_user

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.patients.views import patient_or_404
from booking.desk.series.progress_rows import list_progress_rows
from booking.desk.series.summaries import summarize_series
from booking.locations import operations as locations
from booking.mood.progress_chart import WIDE
from booking.mood.series_drawings import draw_series_progress
from booking.series.queries import find_series, get_template
from booking.series.timeline import read_timeline


@blueprint.get("/series/<int:series_id>")
@access(Access.STAFF)
def show_series(series_id: int) -> str:
    """Show a series; scores of forms are for clinicians to see."""
    series = find_series(series_id) or abort(404)
    location, template = locations.get_location(series.location_id), get_template(series)
    timeline, with_scores = read_timeline(series), current_user.reads_clinical
    return render_template(
        "desk/series/progress.html",
        series=series,
        course=summarize_series(series),
        patient=patient_or_404(series.patient_id),
        location=location,
        template=template,
        timeline=timeline,
        rows=list_progress_rows(timeline, template, location, with_scores=with_scores),
        chart=draw_series_progress(
            timeline,
            clock.local_date(clock.now(), location.time_zone),
            WIDE,
            lambda phase: phase.name,
            with_scores=with_scores,
        ),
    )
