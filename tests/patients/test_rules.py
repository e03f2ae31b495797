"""Names as they are compared, and phone numbers and addresses as people type them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.patients.contacts import ContactError, read_email, read_phone, show_phone
from booking.patients.rules import Contact, is_same_person, name_key

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
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("Smith", "Smyth"), ("Ray", "Rae"), ("王", "李"), ("Ng", "Nguyen")]
)
def test_names_that_are_not(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(st.text(max_size=80))
def test_a_key_is_its_own_key_and_fits_its_column(name: str) -> None:
    key = name_key(name)
    assert name_key(key) == key
    assert len(key) <= 80


def test_two_people_without_contacts_are_two() -> None:
    nobody = Contact("Test", "Person", None, None)
    assert not is_same_person("person", BORN, None, None, nobody, BORN)
    assert not is_same_person("person", BORN, PHONE, EMAIL, nobody, BORN)


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_invariant_14_name_and_birth_date_and_a_contact(
    name: bool, born: bool, phone: bool, email: bool
) -> None:
    contact = Contact(
        "Test",
        "Person" if name else "Other",
        PHONE if phone else "+16025550199",
        EMAIL if email else None,
    )
    told = BORN if born else date(1981, 1, 1)
    found = is_same_person("person", BORN, PHONE, EMAIL, contact, told)
    assert found is (name and born and (phone or email))


def test_a_contact_is_kept_as_data() -> None:
    contact = Contact("Test", "Person", PHONE, None, "es")
    assert Contact.from_data(contact.as_data()) == contact


@pytest.mark.parametrize(
    "typed", ["602 555 0123", "(602) 555-0123", "+1 602.555.0123", "1-602-555-0123", PHONE]
)
def test_a_number_is_read_however_it_is_typed(typed: str) -> None:
    assert read_phone(typed) == PHONE


@pytest.mark.parametrize("typed", ["", "12", "phone", "602 555 01234567890", "+999 1"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ContactError):
        read_phone(typed)


def test_numbers_are_shown_as_people_here_write_them() -> None:
    assert show_phone(PHONE) == "(602) 555-0123"
    assert show_phone("+34912345678").startswith("+34 ")


def test_an_address_is_read_in_lower_case() -> None:
    assert read_email("Person@Example.COM") == EMAIL


@pytest.mark.parametrize("typed", ["", "person", "person@", "@example.com", "a b@example.com"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(ContactError):
        read_email(typed)
