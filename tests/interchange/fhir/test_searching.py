"""Each search takes what the statement says of it and nothing else: tokens, pages, media types."""

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from tests.builders import TOMORROW, Clinic, a_clinic
from tests.interchange.fhir.asking import ask, entries

STATUSES = [
    ("free", True),
    ("http://hl7.org/fhir/slotstatus|free", True),
    ("|free", True),
    ("http://hl7.org/fhir/slotstatus|", True),
    ("busy,http://hl7.org/fhir/slotstatus|free", True),
    ("http://hl7.org/fhir/slotstatus|busy", False),
    ("http://other.example/status|free", False),
    ("free&status=busy", False),
]


def test_a_status_is_searched_with_or_without_its_system(
    client: FlaskClient, clinic: Clinic
) -> None:
    for status, is_listed in STATUSES:
        listed = entries(ask(client, f"/Slot?start={TOMORROW}&status={status}"))
        assert (status, bool(listed)) == (status, is_listed)


@pytest.mark.parametrize("kind", ["Location", "Schedule"])
def test_ids_are_searched_as_tokens(client: FlaskClient, clinic: Clinic, kind: str) -> None:
    a_clinic(slug="scottsdale")
    first, second = (each["id"] for each in entries(ask(client, f"/{kind}")))
    for ids, listed in (
        (f"{first},{second}", [first, second]),
        (f"|{second}", [second]),
        (f"http://other.example|{second}", []),
        (f"{first}&_id={second}", []),
        ("nothing", []),
    ):
        assert [each["id"] for each in entries(ask(client, f"/{kind}?_id={ids}"))] == listed


@pytest.mark.parametrize("kind", ["Location", "Schedule"])
def test_what_there_is_little_of_comes_in_pages_too(
    client: FlaskClient, clinic: Clinic, kind: str
) -> None:
    for slug in ("mesa", "scottsdale"):
        a_clinic(slug=slug)
    everything = [each["id"] for each in entries(ask(client, f"/{kind}"))]
    first = ask(client, f"/{kind}?_count=2")
    links = {link["relation"]: link["url"] for link in (first.json or {})["link"]}
    second = client.get(links["next"])
    assert [each["id"] for each in entries(first) + entries(second)] == everything
    assert ((first.json or {})["total"], (second.json or {})["total"]) == (3, 3)
    assert [link["relation"] for link in (second.json or {})["link"]] == ["self"]
    nothing = ask(client, f"/{kind}?_count=0").json or {}
    assert (nothing["total"], nothing.get("entry")) == (3, None)


def test_what_a_search_takes_is_what_the_statement_says(
    client: FlaskClient, clinic: Clinic
) -> None:
    rest = (ask(client, "/metadata").json or {})["rest"][0]
    values = {"_id": "x", "_count": "1", "actor": "Location/x", "status": "free",
              "start": "2026-12-01", "schedule": "1.1"}  # fmt: skip
    for resource in rest["resource"]:
        names = {each["name"] for each in resource.get("searchParam", ())}
        for name in values if names else ():
            status = 200 if name in names else 422
            answered = ask(client, f"/{resource['type']}?{name}={values[name]}")
            assert (resource["type"], name, answered.status_code) == (
                resource["type"],
                name,
                status,
            )


MEDIA_TYPES = [
    ("application/fhir+json; fhirVersion=4.0", 200),
    ("application/fhir+json; charset=utf-8", 200),
    ("Application/JSON;charset=UTF-8;q=0.5, text/html", 200),
    ("application/fhir+json; fhirVersion=3.0", 406),
    ("application/fhir+json; fhirVersion=5.0, application/fhir+json; fhirVersion=4.0", 200),
    ("application/fhir+xml; fhirVersion=4.0", 406),
]


def test_the_parameters_of_a_media_type_name_the_version_alone(
    client: FlaskClient, clinic: Clinic
) -> None:
    for media_type, status in MEDIA_TYPES:
        response = ask(client, "/Location", Accept=media_type)
        assert (media_type, response.status_code) == (media_type, status)
    for stated, status in (("json", 200), *MEDIA_TYPES[:2], MEDIA_TYPES[3]):
        assert ask(client, f"/Location?_format={quote(stated)}").status_code == status
