"""Places, schedules and free slots are read and searched as FHIR R4 has it."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from booking.calendars.slots import list_slots
from booking.interchange.publication import AHEAD
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_clinic, local
from tests.interchange.fhir.asking import ask, entries, issue


def starts(client: FlaskClient, query: str) -> list[datetime]:
    slots = entries(ask(client, f"/Slot?_count=200&{query}"))
    return [datetime.fromisoformat(slot["start"]) for slot in slots]


@pytest.mark.parametrize(
    "path", ["/metadata", "/Location", "/Schedule", "/Questionnaire/screening"]
)
def test_what_is_read_is_fhir_and_kept_while_it_is_the_same(
    client: FlaskClient, clinic: Clinic, path: str
) -> None:
    first = ask(client, path)
    etag = first.headers["ETag"]
    assert first.status_code == 200
    assert client.get("/fhir" + path, headers={"If-None-Match": etag}).status_code == 304


def test_what_a_search_names_is_read(client: FlaskClient, clinic: Clinic) -> None:
    for path in ("/Location", "/Schedule", f"/Slot?start={TOMORROW}"):
        resource = entries(ask(client, path))[0]
        address = f"/{resource['resourceType']}/{resource['id']}"
        assert ask(client, address).json == resource


def test_the_statement_names_what_there_is(client: FlaskClient, clinic: Clinic) -> None:
    rest = (ask(client, "/metadata").json or {})["rest"][0]
    kinds = {resource["type"]: resource for resource in rest["resource"]}
    assert {"Location", "Schedule", "Slot", "Appointment"} <= set(kinds)
    assert [each["name"] for each in kinds["Appointment"]["operation"]] == ["find", "hold", "book"]


def test_schedules_and_places_are_narrowed(client: FlaskClient, clinic: Clinic) -> None:
    a_clinic(slug="scottsdale")
    assert len(entries(ask(client, "/Schedule"))) == 2
    own = entries(ask(client, "/Schedule?actor=Location/scottsdale"))
    assert [each["actor"][0]["reference"] for each in own] == ["Location/scottsdale"]
    assert [each["id"] for each in entries(ask(client, "/Location?_id=scottsdale"))] == [
        "scottsdale"
    ]


def test_invariant_3_just_what_can_be_booked_is_listed(client: FlaskClient, clinic: Clinic) -> None:
    a_booking(local(10))
    listed, page = set[str](), "/Slot?_count=200"
    while page:
        response = ask(client, page)
        listed |= {slot["start"] for slot in entries(response)}
        links = {link["relation"]: link["url"] for link in (response.json or {})["link"]}
        url = urlsplit(links.get("next", ""))
        page = f"{url.path.removeprefix('/fhir')}?{url.query}" if url.path else ""
    slots = list_slots("consultation", None, NOW.date(), NOW.date() + AHEAD, NOW)
    assert {datetime.fromisoformat(start) for start in listed} == {s.starts_at for s in slots}
    assert (response.json or {})["total"] == len(slots)


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("start=2026-12-01", local(9), local(16)),
        ("start=ge2026-12-01&start=le2026-12-01", local(9), local(16)),
        (
            "start=ge2026-12-01T10:00:00-07:00&start=lt2026-12-01T17:30:00Z",
            local(10),
            local(10, 15),
        ),
        ("start=gt2026-12-01T10:00:00-07:00&start=lt2026-12-02", local(10, 15), local(16)),
        ("start=eq2026-12-01T10:00:00-07:00", local(10), local(10)),
    ],
)
def test_slots_are_searched_by_their_start(
    client: FlaskClient, clinic: Clinic, query: str, first: datetime, last: datetime
) -> None:
    listed = starts(client, query)
    assert (listed[0], listed[-1]) == (first, last)


def test_a_page_follows_the_other_though_the_first_was_booked(
    client: FlaskClient, clinic: Clinic
) -> None:
    first = ask(client, f"/Slot?start={TOMORROW}&_count=4")
    a_booking(local(9))
    url = next(x["url"] for x in (first.json or {})["link"] if x["relation"] == "next")
    second = client.get(url)
    assert entries(second)[0]["start"] == "2026-12-01T10:00:00-07:00"


def test_slots_are_searched_by_schedule_and_status(client: FlaskClient, clinic: Clinic) -> None:
    a_clinic(slug="scottsdale")
    schedule = entries(ask(client, "/Schedule"))[1]["id"]
    slots = entries(ask(client, f"/Slot?schedule=Schedule/{schedule}&status=free"))
    assert {slot["schedule"]["reference"] for slot in slots} == {f"Schedule/{schedule}"}
    assert entries(ask(client, "/Slot?status=busy")) == []
    assert entries(ask(client, "/Slot?schedule=99.99")) == []
    assert (ask(client, "/Slot?_count=0").json or {})["total"] > 0


def test_a_slot_that_was_booked_is_no_longer_there(client: FlaskClient, clinic: Clinic) -> None:
    slot = entries(ask(client, "/Slot?start=2026-12-01T10:00:00-07:00"))[0]
    a_booking(local(10))
    response = ask(client, f"/Slot/{slot['id']}")
    assert (response.status_code, issue(response)["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/Slot?start=tomorrow", 422, "invalid"),
        ("/Slot?start=2026-12", 422, "invalid"),
        ("/Slot?start=zz2026-12-01", 422, "invalid"),
        ("/Slot?start=2026-12-01T10:00:00", 422, "invalid"),
        ("/Slot?_count=many", 422, "invalid"),
        ("/Slot?patient=1", 422, "invalid"),
        ("/Location?name=x", 422, "invalid"),
        ("/Location?_count=-1", 422, "invalid"),
        ("/Location?_after=nowhere", 404, "not-found"),
        ("/Schedule?active=false", 422, "invalid"),
        ("/Schedule?actor=Practitioner/1", 404, "not-found"),
        ("/Slot?status:not=free", 422, "invalid"),
        ("/Slot?_after=x", 404, "not-found"),
        ("/Slot?schedule=Location/ahwatukee", 404, "not-found"),
        ("/Slot/1.1.99999999T9999Z", 404, "not-found"),
        ("/Slot/1.1.00010101T0000Z", 404, "not-found"),
        ("/Slot/1.1.99991231T2359Z", 404, "not-found"),
        ("/Slot?_after=1.1.00010101T0000Z", 404, "not-found"),
        ("/Slot?start=ge0001-01-01", 422, "invalid"),
        ("/Slot?start=lt9999-12-31T23:59:59-12:00", 422, "invalid"),
        ("/Slot/77.1.20261201T1700Z", 404, "not-found"),
        ("/Slot/nothing", 404, "not-found"),
        ("/Location/nowhere", 404, "not-found"),
        ("/Schedule/7.7", 404, "not-found"),
        ("/Patient/1", 404, "not-found"),
        ("/Appointment/xyz", 404, "not-found"),
        ("/Appointment/" + "00" * 16, 404, "not-found"),
        ("/Slot?_format=xml", 406, "not-supported"),
    ],
)
def test_what_is_not_there_or_not_understood_is_an_outcome(
    client: FlaskClient, clinic: Clinic, path: str, status: int, code: str
) -> None:
    response = ask(client, path)
    assert (response.status_code, issue(response)["code"]) == (status, code)


def test_another_form_or_verb_is_an_outcome(client: FlaskClient, clinic: Clinic) -> None:
    assert ask(client, "/Slot", Accept="application/fhir+xml").status_code == 406
    assert ask(client, "/Slot", Accept="text/html, */*;q=0.1").status_code == 200
    assert ask(client, "/Slot", Accept="application/fhir+json;q=0").status_code == 406
    response = ask(client, "/Slot", "DELETE")
    assert (response.status_code, issue(response)["code"]) == (405, "not-supported")


def test_a_slots_times_are_told_with_their_own_days_offset(
    client: FlaskClient, clinic: Clinic
) -> None:
    a_clinic(slug="denver", zone="America/Denver")
    spring = "start=ge2027-01-05&start=le2027-01-05"
    slots = entries(ask(client, f"/Slot?{spring}&_count=200"))
    assert {slot["start"][-6:] for slot in slots} == {"-07:00"}
    assert (
        slots[0]["end"]
        == (datetime.fromisoformat(slots[0]["start"]) + timedelta(minutes=45)).isoformat()
    )
