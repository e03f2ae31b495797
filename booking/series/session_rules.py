"""What a patient asked for, and a payer authorised, of a session: plans keep to it, the desk need not."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from booking.calendars import availability
from booking.calendars.local_days import LocalDay, resolve_wall_clock
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import OverriddenBy
from booking.calendars.ruled_days import Facts, StartRule
from booking.series.absence_queries import list_away_days
from booking.series.authorisation_records import list_remaining_authorisations
from booking.series.authorisations import AuthorisedSessions
from booking.series.gap_rules import SeriesRule
from booking.series.models import InfusionSeries
from booking.series.preferences import Preferences, TimeWindow

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """What a session is bound to by what was asked for and authorised; `locations` are slugs."""

    only: TimeWindow
    locations: Collection[str]
    away_days: Collection[date]
    authorisations: Sequence[AuthorisedSessions]

    def list_rules(
        self, location: LocationCalendar, day: LocalDay, override: OverriddenBy
    ) -> list[StartRule]:
        """Return what they say of a day's starts at a location."""
        local_date, rules = day.local_date, [_time_rule(self.only, day, override)]
        if local_date.weekday() not in self.only.weekdays:
            weekdays = tuple(sorted(self.only.weekdays))
            rules.append(
                StartRule.against_day(SeriesRule.OTHER_WEEKDAY, override, weekdays=weekdays)
            )
        if location.slug not in self.locations:
            rules.append(StartRule.against_day(SeriesRule.OTHER_LOCATION, override))
        if local_date in self.away_days:
            rules.append(StartRule.against_day(SeriesRule.AWAY, override))
        if not self.is_authorised(local_date):
            windows = [
                (each.first_day, each.last_day, each.sessions) for each in self.authorisations
            ]
            rules.append(
                StartRule.against_day(SeriesRule.NOT_AUTHORISED, override, windows=windows)
            )
        return rules

    def is_authorised(self, day: date) -> bool:
        """Tell whether a payer covers a session on a local day, where one has to."""
        covering = any(each.covers(day) and each.sessions for each in self.authorisations)
        return covering or not self.authorisations


def read_session_terms(
    series: InfusionSeries, number: int, first: date, last: date
) -> SessionTerms:
    """Read what binds a session of a series on local days [first, last]."""
    home = availability.current_catalogue().locations_by_id[series.location_id]
    preferences = Preferences.from_dict(series.preferences)
    return SessionTerms(
        preferences.only,
        {home.slug, *preferences.locations},
        list_away_days(series.patient_id, first, last),
        list_remaining_authorisations(series.id, {number}),
    )


def _time_rule(only: TimeWindow, day: LocalDay, override: OverriddenBy) -> StartRule:
    """Return the rule that a session starts within the local times asked for."""
    begins = resolve_wall_clock(day.local_date, only.earliest, day.zone)
    ends = resolve_wall_clock(day.local_date, only.latest, day.zone) + MINUTE

    def facts_at(cell: int) -> Facts:
        at = day.cell_start(cell).astimezone(day.zone).time()
        return {"earliest": only.earliest, "latest": only.latest, "at": at}

    starts = day.cells_beginning(begins, ends)
    return StartRule(SeriesRule.OTHER_TIME, starts, facts_at, override)
