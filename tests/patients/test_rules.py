"""Names as they are compared, and phone numbers and addresses as people type them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.patients.contacts import (
    InvalidContact,
    can_be_texted,
    format_email,
    format_phone,
    parse_email,
    parse_phone,
    parse_text_countries,
)
from booking.patients.rules import (
    Contact,
    IdentityRecord,
    InvalidName,
    MatchStrength,
    match_identity,
    normalize_name,
    parse_name,
)

BORN = date(1980, 2, 29)
PHONE, EMAIL = "+16025550123", "person@example.com"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O'Brien", "OBRIEN"), ("O'Brien", "o’brien"), ("Núñez", "Nunez"), ("de la Cruz", "DelaCruz"),
        ("Smith-Jones", "smith jones"), ("Groß", "GROSS"), ("Nu\u0301n\u0303ez", "Núñez"),
        ("Łukasz", "łukasz"), ("Σίσυφος", "ΣΊΣΥΦΟΣ"), ("王", "王"),
    ],
)  # fmt: skip
def test_names_that_are_one(one: str, other: str) -> None:
    assert normalize_name(one) == normalize_name(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("Smith", "Smyth"), ("Ray", "Rae"), ("王", "李"), ("Ng", "Nguyen")]
)
def test_names_that_are_not(one: str, other: str) -> None:
    assert normalize_name(one) != normalize_name(other)


@given(st.text(max_size=80))
def test_a_key_is_its_own_key_and_fits_its_column(name: str) -> None:
    key = normalize_name(name)
    assert normalize_name(key) == key
    assert len(key) <= 80


RECORD = IdentityRecord("Test", "person", BORN, PHONE, EMAIL)


def test_two_people_without_contacts_are_not_surely_one() -> None:
    nobody = Contact("Test", "Person", None, None)
    unreachable = IdentityRecord("Test", "person", BORN, None, None)
    assert match_identity(unreachable, nobody, BORN) is MatchStrength.DOUBTFUL
    assert match_identity(RECORD, nobody, BORN) is MatchStrength.DOUBTFUL


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_invariant_14_both_names_and_birth_date_and_a_contact(
    forename: bool, name: bool, born: bool, phone: bool, email: bool
) -> None:
    contact = Contact(
        "Test" if forename else "Tess",
        "Person" if name else "Other",
        PHONE if phone else "+16025550199",
        EMAIL if email else None,
    )
    signs = (forename, name, born, phone or email)
    expected = {4: MatchStrength.SAME, 3: MatchStrength.DOUBTFUL}.get(
        sum(signs), MatchStrength.OTHER
    )
    assert match_identity(RECORD, contact, BORN if born else date(1981, 1, 1)) is expected


@pytest.mark.parametrize(
    "name",
    [
        "O'Brien", "O’Brien", "José", "Nguyễn", "de la Cruz", "Smith-Jones", "St. John", "J", "J.R.",
        "A. B. Smith", "王", "王小明", "محمد", "علی\u200cرضا", "कि", "Anitha d/o Kumar", "Person1",
        "X Æ A-12", "John (Jack)", "Ἀλέξανδρος", "Đặng", "M'Baye", "Þór", "Ng, Jr.",
    ],
)  # fmt: skip
def test_real_names_pass_as_they_are(name: str) -> None:
    assert parse_name(name) == name


def test_a_name_is_composed_and_single_spaced() -> None:
    assert parse_name("  Jose\u0301   de\xa0la  Cruz ") == "José de la Cruz"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Ann\nCall 900", "unwritten"), ("Ann\r\nx", "unwritten"), ("a\tb", "unwritten"),
        ("a\0b", "unwritten"), ("\x7f", "unwritten"), ("Ann\u2028x", "unwritten"),
        ("\u200b", "unwritten"), ("Ann\u202etxt", "unwritten"), ("\u2066Ann\u2069", "unwritten"),
        ("A\u200fnn", "unwritten"), ("\ufeff", "unwritten"), ("\u3164", "unwritten"),
        ("\ue000", "unwritten"), ("\u00adAnn", "unwritten"),
        ("", "empty"), (" ", "empty"), ("---", "empty"), ("123", "empty"), ("\u200d", "empty"),
        ("http", "link"), ("https://evil.example", "link"), ("Ann www.evil", "link"),
        ("evil.com", "link"), ("bit.ly/x", "link"), ("t.co", "link"), ("evil．com", "link"),
        ("evil。com", "link"), ("evil․com", "link"), ("ⓔvil.com", "link"), ("ann@example.com", "link"),
        ("ftp://x", "link"), ("x" * 81, "long"),
    ],
)  # fmt: skip
def test_what_would_be_a_trick_in_a_message_is_no_name(text: str, reason: str) -> None:
    with pytest.raises(InvalidName) as refusal:
        parse_name(text)
    assert refusal.value.reason == reason


@given(st.text(max_size=100))
def test_a_name_that_passes_is_one_line_and_passes_again(text: str) -> None:
    try:
        name = parse_name(text)
    except InvalidName:
        return
    assert parse_name(name) == name
    assert len(name.splitlines()) == 1


def test_a_contact_is_kept_as_data() -> None:
    contact = Contact("Test", "Person", PHONE, None, "es")
    assert Contact.from_dict(contact.to_dict()) == contact


@pytest.mark.parametrize(
    "typed", ["602 555 0123", "(602) 555-0123", "+1 602.555.0123", "1-602-555-0123", PHONE]
)
def test_a_number_is_read_however_it_is_typed(typed: str) -> None:
    assert parse_phone(typed) == PHONE


@pytest.mark.parametrize(
    "typed",
    [
        "", "12", "phone", "602 555 01234567890", "+999 1", "555-0123", "000-000-0000",
        "123-456-7890", "555-555-0123", "602-155-0123", "411", "+1 602 555 012",
        "602 555 0123 ext. 12345678", "+700 123 4567", "+44 0000 000000",
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(InvalidContact):
        parse_phone(typed)


@pytest.mark.parametrize("last", [100, 123, 199])
def test_numbers_kept_for_fiction_are_taken(last: int) -> None:
    assert parse_phone(f"+1602555{last:04d}") == f"+1602555{last:04d}"


@pytest.mark.parametrize(
    "typed",
    ["602 555 0123 x44", "(602) 555-0123 ext. 44", "+16025550123;ext=44", "602.555.0123 #44"],
)
def test_an_extension_is_kept(typed: str) -> None:
    assert parse_phone(typed) == f"{PHONE};ext=44"
    assert format_phone(parse_phone(typed)) == "(602) 555-0123 ext. 44"
    assert parse_phone(format_phone(parse_phone(typed))) == parse_phone(typed)


HOME = parse_text_countries("US, ca")


@pytest.mark.parametrize("phone", [PHONE, "+14165550123", f"{PHONE};ext=44"])
def test_numbers_of_the_listed_countries_can_be_texted(phone: str) -> None:
    assert can_be_texted(phone, HOME)


@pytest.mark.parametrize(
    "phone",
    [
        "+18095550123", "+18762345678", "+12423456789", "+17872345678",  # +1, but other countries
        "+18005550123", "+19002345678", "+15005550006",  # toll-free, premium, personal
        "+34600123456", "+881612345678", "+870773112345",  # abroad, satellite
    ],
)  # fmt: skip
def test_no_text_goes_to_other_countries_or_special_numbers(phone: str) -> None:
    assert parse_phone(phone) == phone
    assert not can_be_texted(phone, HOME)


def test_a_listed_country_can_be_texted_on_mobiles_only() -> None:
    assert can_be_texted("+34600123456", parse_text_countries("ES"))
    assert not can_be_texted("+34912345678", parse_text_countries("ES"))
    with pytest.raises(ValueError, match="USA"):
        parse_text_countries("USA")


def test_numbers_that_share_our_code_from_abroad_are_seen_to() -> None:
    assert format_phone("+18095550123").startswith("+1 ")


def test_numbers_are_shown_as_people_here_write_them() -> None:
    assert format_phone(PHONE) == "(602) 555-0123"
    assert format_phone("+34912345678").startswith("+34 ")


@pytest.mark.parametrize("sender", ["60611", "262966", "911", "CLINIC", "+9999999999999999", ""])
def test_a_sender_that_is_no_telephone_number_stays_as_it_is(sender: str) -> None:
    assert format_phone(sender) == sender


def test_an_address_is_read_in_lower_case() -> None:
    assert parse_email("Person@Example.COM") == EMAIL


def test_a_domain_is_kept_as_servers_know_it_and_shown_as_people_do() -> None:
    assert parse_email("Person@Bücher.de") == "person@xn--bcher-kva.de"
    assert format_email("person@xn--bcher-kva.de") == "person@bücher.de"
    assert format_email("not one") == "not one"


@pytest.mark.parametrize(
    "typed",
    ["", "person", "person@", "@example.com", "a b@example.com", "josé@example.com", "a@localhost",
     "王@example.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(InvalidContact):
        parse_email(typed)
