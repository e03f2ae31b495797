"""Calendar feeds: what a calendar program that has the link is answered (DESIGN §5)."""

from flask import Blueprint, Response, abort

from booking import clock
from booking.access import Access, access
from booking.feeds import queries
from booking.feeds.rendering import render_feed
from booking.interchange.conditional import make_conditional
from booking.web.limits import count_read
from booking.web.replica_reads import read_from_replica

blueprint = Blueprint("feeds", __name__, url_prefix="/feeds")
READS_ALLOWED = "1200 per hour"  # of one address: services that read for many ask from few


@blueprint.get("/<token>.ics")
@access(Access.TOKEN)
@read_from_replica
def show_feed(token: str) -> Response:
    """Show a feed; an unknown or revoked link isn't there."""
    count_read(READS_ALLOWED)
    feed = queries.find_feed(token) or abort(404)
    events = queries.list_feed_events(feed, clock.now())
    text = render_feed(queries.get_feed_subject(feed), events)
    return make_conditional(Response(text, content_type="text/calendar; charset=utf-8"))
