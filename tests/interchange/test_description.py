"""The API does what its description says: schemathesis tries each operation, and ways through them.

`API_EXAMPLES=1000 make test TESTS=tests/interchange/test_description.py` tries harder, on both databases.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import count, cycle
from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from schemathesis import Case, HookContext
from schemathesis.config import (
    ChecksConfig,
    FuzzingPhaseConfig,
    GenerationConfig,
    PhasesConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
    StatefulPhaseConfig,
)
from schemathesis.engine import from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.schemas import BaseSchema

from booking.calendars.slots import Slot, list_slots
from tests.builders import NOW, TOMORROW, Clinic
from tests.interchange.asking import body

EXAMPLES = int(os.environ.get("API_EXAMPLES", "4"))
DATABASES = ["sqlite", "postgresql"] if "API_EXAMPLES" in os.environ else ["sqlite"]
# What is well formed may be of nobody, in the past, taken, or a number that no telephone has.
REFUSED_BY_RULES = ["2xx", "304", "404", "409", "422"]


def configuration() -> SchemathesisConfig:
    """Return which checks are made, all of them, of how many examples, the same ones each time."""
    generation = GenerationConfig(max_examples=EXAMPLES, deterministic=True, no_shrink=True)
    checks = ChecksConfig(
        positive_data_acceptance=PositiveDataAcceptanceConfig(expected_statuses=REFUSED_BY_RULES)
    )
    phases = PhasesConfig(
        fuzzing=FuzzingPhaseConfig(generation=generation),
        stateful=StatefulPhaseConfig(generation=generation),
    )
    project = ProjectConfig(
        generation=generation, checks=checks, phases=phases, continue_on_failure=True
    )
    return SchemathesisConfig(seed=1, projects=ProjectsConfig(default=project))


def bookings(slots: list[Slot]) -> Iterator[dict[str, Any]]:
    """Yield, over and over, bookings of other people at each of these times."""
    for number, slot in enumerate(cycle(slots)):
        yield body(
            start=slot.local_start.isoformat(),
            patient__phone=f"+1602{2000000 + number}",
            patient__email=f"person{number}@example.com",
            patient__family_name=f"Person{number}",
        )


def make_bookable(schema: BaseSchema) -> None:
    """Let every second well-formed booking or move be of a time that is free."""
    last = TOMORROW + timedelta(days=50)
    slots = list_slots("consultation", None, TOMORROW, last, NOW)
    bodies, turns = bookings(slots), count()

    @schema.hook
    def map_case(_context: HookContext, case: Case[Any]) -> Case[Any]:
        is_good = case.meta is None or case.meta.generation.mode.is_positive
        if is_good and isinstance(case.body, dict) and next(turns) % 2:
            if case.path.endswith("/appointments"):
                case.body = next(bodies)
            elif case.path.endswith("/move"):
                booking = next(bodies)
                case.body = {name: booking[name] for name in ("start", "location")}
        return case


def failures(recorder: ScenarioRecorder) -> Iterator[str]:
    """Yield what the checks found wrong, with the request that shows it."""
    for checks in recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info
                yield f"{check.name}: {failure.failure}\n{failure.code_sample}"


def answers(recorder: ScenarioRecorder) -> Iterator[tuple[str, int]]:
    """Yield which operation was answered with which status."""
    for case_id, interaction in recorder.interactions.items():
        if interaction.response is not None:
            case = recorder.cases[case_id].value
            yield case.operation.label, interaction.response.status_code


@pytest.mark.parametrize("database_url", DATABASES, indirect=True)
def test_the_api_does_what_its_description_says(client: FlaskClient, clinic: Clinic) -> None:
    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", client.application, config=configuration()
    )
    make_bookable(schema)
    wrong: list[str] = []
    seen: Counter[tuple[str, int]] = Counter()
    for event in from_schema(schema).execute():
        if isinstance(event, ScenarioFinished):
            wrong += failures(event.recorder)
            seen.update(answers(event.recorder))
        if isinstance(event, NonFatalError):
            wrong.append(str(event.info))
    assert wrong == []
    for change in ("move", "cancel"):
        assert seen[f"POST /api/v1/appointments/{{token}}/{change}", 200]
    assert seen["POST /api/v1/appointments", 201]
    assert seen["GET /api/v1/appointments/{token}", 200]
