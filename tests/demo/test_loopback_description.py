"""What the loopback provider answers is what Twilio publishes that it answers (OpenAPI, twilio-oai)."""

import gzip
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from booking.demo import loopback_api
from booking.demo.loopback import DEMO_ACCOUNT, Loopback
from booking.demo.loopback_api import listing, shown
from booking.demo.loopback_store import Store, Text, moment, new_sid
from tests.demo.loopback_builders import outgoing, sender_to

PUBLISHED = Path("tests/vendored/twilio-oai/twilio_api_v2010.json.gz")
MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
MESSAGE = "#/components/schemas/api.v2010.account.message"
DIRECTIONS = ("outbound-api", "outbound-reply", "inbound")


@cache
def description() -> dict[str, Any]:
    """Return Twilio's description of its API."""
    return dict(json.loads(gzip.decompress(PUBLISHED.read_bytes())))


def in_json_schema(schema: Any) -> Any:
    """Return a schema of OpenAPI 3.0 as JSON Schema has it, which knows no `nullable` (OAS 3.0.3, 4.7.24)."""
    if isinstance(schema, list):
        return [in_json_schema(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    rest = {name: in_json_schema(each) for name, each in schema.items() if name != "nullable"}
    return {"anyOf": [rest, {"type": "null"}]} if schema.get("nullable") else rest


def schemas() -> dict[str, Any]:
    """Return what messages are made of."""
    published = description()["components"]["schemas"]
    return {name: in_json_schema(each) for name, each in published.items() if "message" in name}


def problems_of(answer: object, schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield what in an answer is not as published."""
    whole = {**in_json_schema(schema), "components": {"schemas": schemas()}}
    validator = jsonschema_rs.Draft202012Validator(whole)
    yield from (
        f"{error.instance_path}: {error.message}" for error in validator.iter_errors(answer)
    )


def a_text(**changes: Any) -> Text:
    now = moment()
    facts = {
        "sid": new_sid("SM"), "direction": "outbound-api", "sender": "+16025550100", "to": "+16025550123",
        "body": "Hi", "status": "queued", "date_created": now, "date_updated": now,
    }  # fmt: skip
    return Text(**{**facts, **changes})


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(
    "status", ["queued", "sent", "delivered", "undelivered", "failed", "received"]
)
def test_a_message_is_as_published(direction: str, status: str) -> None:
    sent_at = None if status == "queued" else moment()
    code = 30003 if status in ("undelivered", "failed") else None
    for service in (None, DEMO_ACCOUNT.service):
        text = a_text(
            direction=direction, status=status, date_sent=sent_at, error_code=code,
            messaging_service_sid=service,
        )  # fmt: skip
        answer = shown(DEMO_ACCOUNT, text)
        assert list(problems_of(answer, {"$ref": MESSAGE})) == []
        assert answer.keys() == schemas()["api.v2010.account.message"]["properties"].keys()


def test_what_is_not_as_published_is_seen() -> None:
    answer = shown(DEMO_ACCOUNT, a_text())
    for wrong in ({"status": "sending it"}, {"sid": "SM1"}, {"num_segments": 1}, {"to": 5}):
        assert list(problems_of({**answer, **wrong}, {"$ref": MESSAGE})) != [], wrong


@pytest.mark.parametrize("query", [{}, {"PageSize": "2"}, {"PageSize": "2", "Page": "1"}])
def test_a_page_of_messages_is_as_published(query: dict[str, str]) -> None:
    store = Store()
    for _ in range(5):
        store.add_text(a_text())
    published = description()["paths"][MESSAGES]["get"]["responses"]["200"]
    schema = published["content"]["application/json"]["schema"]
    answer = listing(DEMO_ACCOUNT, store, query)
    assert answer.status == 200
    assert list(problems_of(answer.body, schema)) == []
    assert answer.body.keys() == schema["properties"].keys()


def test_we_send_what_is_published_to_be_sent(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    forms: list[Mapping[str, str]] = []
    create = loopback_api.create

    def note(account: Any, store: Any, form: Mapping[str, str]) -> Text:
        forms.append(form)
        return create(account, store, form)

    monkeypatch.setattr(loopback_api, "create", note)
    sender_to(loopback.url).send(outgoing())
    operation = description()["paths"][MESSAGES]["post"]["requestBody"]["content"]
    [schema] = [content["schema"] for content in operation.values()]
    assert set(forms[0]) <= schema["properties"].keys()
    assert set(schema["required"]) <= set(forms[0])
