"""What somebody types to find a patient, taken apart: names, numbers, addresses and birth dates."""

import re
from dataclasses import dataclass
from datetime import date

from dateutil import parser

from booking.patients.rules import normalize_name

MIN_DIGITS = 4  # the last four of a phone; fewer say nothing
PHONE_LENGTHS = (7, 10, 11)  # digits of a whole number, written with spaces: 602 555 0123
MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
DATE = re.compile(
    rf"""\b(?: \d{{4}}([/.-])\d{{1,2}}\1\d{{1,2}}                          # 1980-02-29
    | \d{{1,2}}([/.-])\d{{1,2}}\2(?:\d{{4}}|\d{{2}})                     # 2/29/80
    | (?:19|20)\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])               # 19800229
    | (?:{MONTHS})[a-z]*\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?:\d{{4}}|\d{{2}})  # February 29, 1980
    | \d{{1,2}}(?:st|nd|rd|th)?[\s/.-]+(?:{MONTHS})[a-z]*[\s,/.-]+(?:\d{{4}}|\d{{2}})  # 29-Feb-80
    )(?![\d-])""",
    re.IGNORECASE | re.VERBOSE,
)
NUMBER = re.compile(r"\+?\(?\d[\d\s().-]*\d|\d")


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What a record must have, all of it: words normalized, numbers as digits, addresses with an @."""

    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    birth_dates: tuple[date, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.numbers or self.addresses or self.birth_dates)


def parse_search(text: str, today: date) -> SearchTerms:
    """Take apart what was typed; a year of two digits is the last that `today` (local) has seen."""
    birth_dates, numbers = list[date](), list[str]()

    def take_date(match: re.Match[str]) -> str:
        birth_date = parse_birth_date(match[0], today)
        if birth_date is None:
            return match[0]
        birth_dates.append(birth_date)
        return " "

    def take_number(match: re.Match[str]) -> str:
        numbers.extend(_split_number(match[0]))
        return " "

    addresses = tuple(each.casefold() for each in text.split() if "@" in each)
    rest = " ".join(each for each in text.split() if "@" not in each)
    rest = NUMBER.sub(take_number, DATE.sub(take_date, rest))
    words = (normalize_name(word) for word in re.split(r"[\s,;/-]+", rest))
    return SearchTerms(tuple(filter(None, words)), tuple(numbers), addresses, tuple(birth_dates))


def split_details(text: str) -> dict[str, str]:
    """Return what was typed to find somebody, by the field of a new record that it fills, as it was typed.

    Of a name without a comma the first word is the given name. Digits too few for a phone fill nothing.
    """
    email = next((each for each in text.split() if "@" in each), "")
    rest = " ".join(each for each in text.split() if "@" not in each)
    birth_date = DATE.search(rest)
    rest = DATE.sub(" ", rest)
    phones = [
        each for each in NUMBER.findall(rest) if len(re.sub(r"\D", "", each)) in PHONE_LENGTHS
    ]
    given_name, family_name = _split_name(NUMBER.sub(" ", rest))
    details = {
        "given_name": given_name,
        "family_name": family_name,
        "email": email,
        "birth_date": birth_date[0] if birth_date else "",
        "phone": phones[0].strip() if phones else "",
    }
    return {name: value for name, value in details.items() if value}


def _split_name(text: str) -> tuple[str, str]:
    before, comma, after = (" ".join(part.split()) for part in text.partition(","))
    if comma:
        return after, before
    given_name, _space, family_name = before.partition(" ")
    return given_name, family_name


def parse_birth_date(text: str, today: date) -> date | None:
    """Return the date that `text` names, month before day; None if it is no whole date.

    A year of two digits is the last that `today` (local) has seen.
    """
    if not DATE.fullmatch(text.strip()):
        return None
    try:
        day = parser.parse(text, dayfirst=False).date()
    except ValueError:
        return None
    has_century = re.search(r"\d{4}", text)
    return day if has_century or day <= today else _century_before(day)


def _century_before(day: date) -> date | None:
    try:
        return day.replace(year=day.year - 100)
    except ValueError:  # February 29 of a year that has none
        return None


def _split_number(text: str) -> list[str]:
    """Return the digits of one phone number, or of each part where they are several numbers."""
    digits = re.sub(r"\D", "", text)
    parts = [digits] if len(digits) in PHONE_LENGTHS else re.findall(r"[\d().-]+", text)
    return [re.sub(r"\D", "", part) for part in parts]
