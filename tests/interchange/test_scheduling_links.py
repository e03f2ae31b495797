"""SMART Scheduling Links: free times as files, which lead to our page of each time."""

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask.testing import FlaskClient

from booking.calendars.slots import list_slots
from booking.db.transactions import transaction
from booking.interchange import publication
from booking.interchange.fhir.postal_addresses import address_to_fhir
from booking.interchange.publication import AHEAD
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_clinic, a_closure, local
from tests.interchange.fhir.oracle import errors_in

LATER = NOW + timedelta(minutes=1)  # at 08:00 sharp the first slot's notice is just passing
LINK = "http://fhir-registry.smarthealthit.org/StructureDefinition/booking-deep-link"


def manifest(client: FlaskClient) -> dict[str, Any]:
    response = client.get("/$bulk-publish")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert isinstance(response.json, dict)
    return response.json


def resources(client: FlaskClient, kind: str) -> list[dict[str, Any]]:
    """Return all that the files of a kind hold, by the manifest alone."""
    urls = [entry["url"] for entry in manifest(client)["output"] if entry["type"] == kind]
    files = [client.get(urlsplit(url).path) for url in urls]
    assert {file.mimetype for file in files} == {"application/fhir+ndjson"}
    return [json.loads(line) for file in files for line in file.text.splitlines()]


def deep_link(slot: dict[str, Any]) -> str:
    url: str = next(each["valueUrl"] for each in slot["extension"] if each["url"] == LINK)
    return url.removeprefix("http://127.0.0.1:8000")


def test_the_manifest_names_the_files(client: FlaskClient, clinic: Clinic) -> None:
    a_clinic(slug="scottsdale")
    answer = manifest(client)
    assert answer["transactionTime"] == "2026-11-30T15:00:00.000+00:00"
    assert answer["request"] == "http://127.0.0.1:8000/$bulk-publish"
    assert answer["error"] == []
    stem = "http://127.0.0.1:8000/scheduling/"
    assert [(entry["type"], entry["url"].removeprefix(stem)) for entry in answer["output"]] == [
        ("Location", "locations.ndjson"),
        ("Schedule", "schedules.ndjson"),
        ("Slot", "slots-ahwatukee.ndjson"),
        ("Slot", "slots-scottsdale.ndjson"),
    ]


def test_what_is_published_is_fhir_and_fits_together(client: FlaskClient, clinic: Clinic) -> None:
    a_clinic(slug="scottsdale")
    places, schedules, slots = (resources(client, k) for k in ("Location", "Schedule", "Slot"))
    assert [error for each in (*places, *schedules, *slots) for error in errors_in(each)] == []
    actors = [schedule["actor"][0]["reference"] for schedule in schedules]
    assert actors == [f"Location/{place['id']}" for place in places]
    names = {f"Schedule/{schedule['id']}" for schedule in schedules}
    assert {slot["schedule"]["reference"] for slot in slots} == names
    assert len({slot["id"] for slot in slots}) == len(slots)


def test_invariant_3_just_what_can_be_booked_is_published(
    client: FlaskClient, clinic: Clinic
) -> None:
    a_booking(local(10))
    a_closure(clinic.location, TOMORROW + timedelta(days=1))
    published = {datetime.fromisoformat(slot["start"]) for slot in resources(client, "Slot")}
    first, last = NOW.date(), NOW.date() + AHEAD
    slots = list_slots("consultation", None, first, last, NOW)
    assert published == {slot.starts_at for slot in slots}
    assert local(10) not in published
    assert resources(client, "Slot")[0]["start"].endswith("-07:00")


def test_invariant_10_no_name_but_the_neutral_one_is_published(
    client: FlaskClient, clinic: Clinic
) -> None:
    with transaction():
        clinic.location.name, clinic.location.neutral_name = "Ketamine Clinic", "Ahwatukee"
    a_booking(local(10))
    stem = "/scheduling/"
    files = [f"{stem}{name}.ndjson" for name in ("locations", "schedules", "slots-ahwatukee")]
    text = "".join(client.get(path).text for path in ("/$bulk-publish", *files)).lower()
    assert "ketamine" not in text
    assert '"name":"ahwatukee"' in text


def test_a_slots_link_leads_to_where_it_is_booked(client: FlaskClient, clinic: Clinic) -> None:
    slot = next(s for s in resources(client, "Slot") if s["start"].startswith("2026-12-03T11:00"))
    page = client.get(deep_link(slot) + "&source=https://search.example.com&booking-referral=7")
    assert page.status_code == 200
    start = datetime.fromisoformat(slot["start"])
    button = f'name="start" value="{start.astimezone(NOW.tzinfo).isoformat()}"'
    assert "The time you chose" in page.text
    assert page.text.count(button) == 2  # above, and among the others of the day
    assert client.post(
        "/book/hold", data={"location": "ahwatukee", "start": slot["start"]}
    ).location.endswith("/book/safety")


def test_a_link_to_a_time_that_went_says_so(client: FlaskClient, clinic: Clinic) -> None:
    slot = next(s for s in resources(client, "Slot") if s["start"].startswith("2026-12-01T10:00"))
    a_booking(local(10))
    page = client.get(deep_link(slot)).text
    assert "The time you chose is no longer free." in page
    assert "11:00" in page


@pytest.mark.parametrize("path", ["/$bulk-publish", "/scheduling/slots-ahwatukee.ndjson"])
def test_what_has_not_changed_is_not_sent_again(
    client: FlaskClient, clinic: Clinic, path: str
) -> None:
    with time_machine.travel(LATER, tick=False):
        first = client.get(path)
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert "Last-Modified" not in first.headers  # the same second may bring something else
    with time_machine.travel(LATER + timedelta(seconds=5), tick=False):
        second = client.get(path)
        headers = (
            {"If-None-Match": first.headers["ETag"]},
            {"If-Modified-Since": second.headers["Last-Modified"]},
        )
        assert [client.get(path, headers=each).status_code for each in headers] == [304, 304]
        a_booking(local(10))
    with time_machine.travel(LATER + timedelta(seconds=7), tick=False):
        assert [client.get(path, headers=each).status_code for each in headers] == [200, 200]


def test_a_notice_that_passes_takes_a_slot_out(client: FlaskClient, clinic: Clinic) -> None:
    first = resources(client, "Slot")
    with time_machine.travel(local(9, day=NOW.date()) - timedelta(minutes=119), tick=False):
        assert resources(client, "Slot")[0]["start"] >= first[0]["start"]
    with time_machine.travel(local(9) - timedelta(minutes=119), tick=False):
        assert resources(client, "Slot")[0]["start"] == "2026-12-01T09:15:00-07:00"


def test_days_are_read_anew_only_after_a_change(
    client: FlaskClient, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise AssertionError("read anew")

    with time_machine.travel(LATER, tick=False):
        first = resources(client, "Slot")
        monkeypatch.setattr(publication, "list_bookable_days", fail)
        assert resources(client, "Slot") == first


@pytest.mark.parametrize("name", ["slots-nowhere", "patients", "manifest"])
def test_another_file_is_not_there(client: FlaskClient, clinic: Clinic, name: str) -> None:
    assert client.get(f"/scheduling/{name}.ndjson").status_code == 404


def test_a_program_gets_no_cookie(client: FlaskClient, clinic: Clinic) -> None:
    assert "Set-Cookie" not in client.get("/$bulk-publish").headers


def test_a_clinic_that_is_not_set_up_publishes_nothing(client: FlaskClient) -> None:
    assert manifest(client)["output"][2:] == []
    assert resources(client, "Location") == []


def test_an_address_is_told_in_its_parts() -> None:
    assert address_to_fhir("100 Example Parkway, Suite 4, Phoenix, AZ 85048") == {
        "use": "work",
        "text": "100 Example Parkway, Suite 4, Phoenix, AZ 85048",
        "line": ["100 Example Parkway", "Suite 4"],
        "city": "Phoenix",
        "state": "AZ",
        "postalCode": "85048",
        "country": "US",
    }
    assert address_to_fhir("Beispielweg 1, 10115 Berlin") == {"text": "Beispielweg 1, 10115 Berlin"}
