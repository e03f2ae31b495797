"""What is wrong in a clinic file is told with its place and what was expected there."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.clinic.checks import count_seats
from booking.clinic.parsing import parse_clinic_file
from booking.clinic.schema import ClinicFileError
from booking.clinic.weeks import Weekday, parse_spans
from booking.locations.rules import END_OF_DAY
from tests.clinic.files import DEMO, changed, without_table


def problems_of(text: str) -> tuple[str, ...]:
    with pytest.raises(ClinicFileError) as refusal:
        parse_clinic_file(text)
    return refusal.value.problems


def test_the_demo_clinic_is_two_locations_with_eight_seats_each() -> None:
    clinic = parse_clinic_file(DEMO)
    assert [location.slug for location in clinic.locations] == ["ahwatukee", "scottsdale"]
    assert [count_seats(clinic, location) for location in clinic.locations] == [8, 8]


def test_the_recommended_template_has_the_clinics_numbers() -> None:
    first = parse_clinic_file(DEMO).templates[0].template
    told = [(p.sessions, p.to_dict()["gap"], p.to_dict()["minutes"]) for p in first.phases]
    assert first.slug == "recommended"
    assert told == [(6, [2, 3, 4, 5], [15, 45, 30]), (None, [5, 7, 7, 9], [15, 45, 30])]


LOCATION, SERVICE = "locations.ahwatukee", "services.consultation"


@pytest.mark.parametrize(
    ("before", "after", "place", "told"),
    [
        ('day = "08:00-17:30"', 'day = "9-17:00"', f"{LOCATION}.hours.monday",
         'expected "09:00-17:00" or "closed", got "9-17:00"'),
        ('day = "08:00-17:30"', 'day = "17:00-08:00"', f"{LOCATION}.hours.monday",
         'expected an end after the beginning, or by 06:00 the next day, got "17:00-08:00"'),
        ('day = "08:00-17:30"', 'day = "18:00-02:00, 03:00-04:00"', f"{LOCATION}.hours.monday",
         'expected spans in order that do not overlap, got "18:00-02:00, 03:00-04:00"'),
        ('day = "08:00-17:30"', 'day = "08:03-17:30"', f"{LOCATION}.hours.monday",
         'expected a beginning before the end, both on multiples of 5 minutes, got "08:03-17:30"'),
        ("America/Phoenix", "Arizona", f"{LOCATION}.time_zone",
         'expected an IANA time zone like "America/Phoenix", got "Arizona"'),
        ("+16025550100", "(602) 555-0100", f"{LOCATION}.phone",
         'expected a phone number like "+16025550100", got "(602) 555-0100"'),
        ('"Ahwatukee Clinic"', '"Drip Lounge"', f"{LOCATION}.neutral_name",
         'expected a name that tells nothing of the treatment, got "Drip Lounge"'),
        ('"Ahwatukee Clinic"', '"Cactus Clinic 🌵"', f"{LOCATION}.neutral_name",
         'expected letters that every telephone shows, and no emoji, got "Cactus Clinic 🌵"'),
        ('"100 Example Foothills Parkway, Phoenix, AZ 85048"', '"1 Ketamine Plaza"', f"{LOCATION}.address",
         'expected an address that tells nothing of the treatment, got "1 Ketamine Plaza"'),
        ("rooms = [", "roms = [", f"{LOCATION}.rooms", "expected, but missing"),
        ('"nurse"', '"midwife"', "staff.iris-cole.role",
         "expected 'front_desk', 'nurse', 'practitioner' or 'manager', got \"midwife\""),
        ("watches = 4", "watches = 0", "staff.iris-cole",
         "expected `watches` of 1 or more for a nurse, and for nobody else"),
        ("minutes = 55", "minutes = 7", f"{SERVICE}.needs.0",
         "offset and minutes are multiples of 5, minutes more than 0"),
        ('{ en = "Consultation",', "{", f"{SERVICE}.names", 'expected a text for "en"'),
        ("infusion = [15, 45, 30]", "infusion = [15, 45, 45]", "services.infusion",
         "expected `infusion` to add up to `minutes`"),
        ("[2, 3, 4, 5]", "[5, 3, 4, 2]", "templates.recommended",
         "phases.0.gap: expected least ≤ ideal low ≤ ideal high ≤ most, from 1 to 366 days"),
        ("minutes_before = 4320", "minutes = 4320", "reminders.2", "not known here: minutes"),
        ('kind = "days_before"\n', "", "reminders.2", "kind: expected, but missing"),
        ("minutes_before = 4320", 'minutes_before = "60"', "reminders.2",
         "expected a number for each number, a text for each text"),
        ("sessions = 6", "session = 6", "templates.recommended",
         "phases.0: not known here: session"),
        ("minutes = 55", 'minutes = "30"', f"{SERVICE}.needs.0",
         "expected whole numbers of minutes, 1440 at most"),
        ("minutes = 55", "minutes = 500000000000", f"{SERVICE}.needs.0",
         "expected whole numbers of minutes, 1440 at most"),
        ('slug = "recommended"', "slug = 5", "templates.5",
         "slug: expected a text like those of other parts"),
        ('slug = "recommended"', 'slug = "Empfohlen für alle"', "templates.Empfohlen für alle",
         "slug: expected a text like those of other parts"),
        ("price_cents = 15000", "price_cents = 1099511627776", f"{SERVICE}.price_cents",
         "expected less than or equal to 100000000, got 1099511627776"),
        ("valid_from = 2026-01-01", "valid_from = 0", "valid_from",
         "expected greater than or equal to 2000-01-01, got 0"),
        ('state = "AZ"', 'state = "Arizona"', "state",
         'expected a US state like "AZ", got "Arizona"'),
    ],
)  # fmt: skip
def test_a_problem_names_its_place(before: str, after: str, place: str, told: str) -> None:
    assert f"{place}: {told}" in problems_of(changed((before, after)))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('slug = "infusion"', 'slug = "drip-visit"',
         "services: expected one with the slug infusion, and its `infusion` minutes"),
        ('slug = "consultation"', 'slug = "first-visit"',
         "services: expected one with the slug consultation"),
        ("Drip Lounge", "Drip\\u0000Lounge", "expected texts without NUL characters"),
        ("price_cents = 15000", "price_cents = " + "1" * 5000, "not TOML: "),
        ("price_cents = 15000", "price_cents = " + "[" * 3000, "not TOML: "),
    ],
)  # fmt: skip
def test_what_breaks_the_whole_is_told(before: str, after: str, told: str) -> None:
    (problem,) = problems_of(changed((before, after)))
    assert problem.startswith(told)


def test_a_closure_is_named_once_and_not_like_a_holiday() -> None:
    away = '[[locations.closures]]\nname = "{}"\nfirst = 2027-03-01\nlast = 2027-03-05\n\n'
    twice = away.format("Away") * 2 + away.format("Labor Day")
    told = problems_of(changed(("[locations.hours]\n", twice + "[locations.hours]\n")))
    assert told == (
        "locations.ahwatukee.closures: expected Away from 2027-03-01 once, found it again",
        "locations.ahwatukee.closures: expected another name than the holiday's, got Labor Day",
    )


def test_a_misspelt_name_is_not_passed_over() -> None:
    told = problems_of(changed(("\nneutral_name", "\nnuetral_name")))
    assert told == (
        "locations.ahwatukee.neutral_name: expected, but missing",
        "locations.ahwatukee.nuetral_name: not a name that is known here",
    )


def test_all_problems_are_told_at_once() -> None:
    text = changed(
        ('monday = "08:00-17:30"', 'monday = "17:00-08:00"'),
        ("horizon_days = 60", "horizon_days = 0"),
        ("gap = [2, 3, 4, 5]", "gap = [2, 3, 4]"),
        ('channel = "sms"', 'channel = "fax"'),
    )
    places = [told.split(": ")[0] for told in problems_of(text)]
    assert places == [
        "locations.ahwatukee.hours.monday",
        "services.consultation.horizon_days",
        "templates.recommended",
        "reminders.0",
    ]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('slug = "scottsdale"', 'slug = "tempe"', "expected ahwatukee or tempe, got scottsdale"),
        ('slug = "tom-becker"', 'slug = "ana-reyes"', "staff: expected ana-reyes once"),
        ("tom.becker@", "ana.reyes@", "staff e-mail: expected ana.reyes@example.com once"),
        ('"Labor Day"', '"Labour Day"', 'got "Labour Day"'),
        (
            "watches = 4",
            "watches = 3",
            "locations.ahwatukee: expected nurses who watch equally many, got 3, 4",
        ),
    ],
)
def test_parts_must_fit_together(before: str, after: str, told: str) -> None:
    assert any(told in problem for problem in problems_of(changed((before, after))))


def test_nobody_works_in_two_places_at_once() -> None:
    text = changed(
        ('[staff.shifts.scottsdale]\ntuesday = "08', '[staff.shifts.scottsdale]\nmonday = "12')
    )
    told = problems_of(text)
    assert told == ("staff.tom-becker: shifts: monday at ahwatukee and at scottsdale overlap",)


@pytest.mark.parametrize("slug", ["danger", "psychosis"])
def test_the_gravest_questions_are_always_asked(slug: str) -> None:
    text = without_table("[[screening.questions]]\n", f'slug = "{slug}"')
    assert problems_of(text)[0].startswith("screening: questions: expected")


def test_what_is_not_toml_is_told() -> None:
    assert problems_of("locations = [")[0].startswith("not TOML: ")


def test_a_day_may_have_a_break_or_be_closed() -> None:
    morning, afternoon = parse_spans("08:00-12:00, 13:00-17:00")
    assert (morning[1].hour, afternoon[0].hour) == (12, 13)
    assert parse_spans("closed") == ()


def test_hours_may_end_with_the_day() -> None:
    assert parse_spans("18:00-24:00") == parse_spans("18:00-00:00") == ((time(18), END_OF_DAY),)


def test_hours_past_midnight_are_the_next_days_from_midnight() -> None:
    text = changed(('monday = "08:00-17:30"', 'monday = "18:00-02:00"\nsunday = "20:00-01:30"'))
    hours = parse_clinic_file(text).locations[0].hours
    assert hours[Weekday.SUNDAY] == ((time(20), END_OF_DAY),)
    assert hours[Weekday.MONDAY] == ((time(), time(1, 30)), (time(18), END_OF_DAY))
    assert hours[Weekday.TUESDAY][0] == (time(), time(2))


def test_hours_past_midnight_may_not_overlap_the_next_days() -> None:
    early = changed(
        ('monday = "08:00-17:30"', 'monday = "18:00-02:00"'),
        ('tuesday = "08:00-17:30"', 'tuesday = "01:00-12:00"'),
    )
    [told] = problems_of(early)
    assert told.startswith("locations.ahwatukee.hours: expected spans in order")


@given(st.one_of(st.text(max_size=30), st.integers(), st.lists(st.text(max_size=12), max_size=3)))
def test_hours_are_read_or_refused_but_never_crash(value: object) -> None:
    try:
        spans = parse_spans(value)
    except ValueError:
        return
    assert all(begins < ends for begins, ends in spans[:-1])
    assert all(begins < ends or ends <= time(6) for begins, ends in spans[-1:])


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 10)), min_size=1, max_size=5))
def test_seats_are_the_most_that_nurses_watch_at_any_moment(shifts: list[tuple[int, int]]) -> None:
    nurses = "".join(
        f"""
        [[staff]]
        slug = "extra-{number}"
        name = "Extra"
        role = "nurse"
        email = "extra{number}@example.com"
        watches = 4
        [staff.shifts.ahwatukee]
        sunday = "{first:02}:00-{min(first + hours, 23):02}:00"
        """
        for number, (first, hours) in enumerate(shifts)
    )
    clinic = parse_clinic_file(DEMO + nurses)
    at_once = max(sum(first <= hour < first + n for first, n in shifts) for hour in range(23))
    assert count_seats(clinic, clinic.locations[0]) == max(8, 4 * at_once)


@given(st.dictionaries(st.sampled_from(["locations", "staff", "services", "state"]), st.text()))
def test_a_file_of_anything_is_refused_with_its_places(parts: dict[str, str]) -> None:
    quoted = "\n".join(f"{name} = {[text]!r}" for name, text in parts.items() if text.isalnum())
    assert problems_of(quoted)
