"""Imports point one way (DESIGN §3): pages → operations of higher features → lower ones → db."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.promises.source import Import, all_imports
from tests.server import ROOT, environment_for

# From the ground up; a feature imports those below it, never those beside it.
LAYERS: list[set[str]] = [
    {
        "access",
        "clock",
        "dates",
        "db",
        "extensions",
        "languages",
        "logs",
        "numbers",
        "public_addresses",
        "public_http",
        "zones",
    },
    {"audit"},
    {"tasks", "messaging"},
    {"locations"},
    {"patients", "staff"},
    {"screening"},
    {"calendars"},
    {"appointments"},
    {"series"},
    {"reminders"},
    {"busy_calendars", "feeds", "mood", "on_call", "outages", "waitlist", "measures", "webhooks"},
    {"adaptive", "merging"},
    {"erasure"},
    {"web"},
    {"clinic", "importing"},
    {"site", "desk", "interchange"},
    {"demo", "scheduler"},
    {"storage"},
    {"doctor"},
    {"cli"},
    {"settings"},
    {"booking"},  # create_app
]
HEIGHT = {feature: height for height, layer in enumerate(LAYERS) for feature in layer}
SUBJECT_FREE = {"tasks", "messaging"}  # know no feature: an id and a kind are all they are told
FLASK_MAY_STAND_IN = {"access", "cli", "demo", "desk", "extensions", "interchange", "logs", "site",
                      "web", "booking", "scheduler", "storage", "importing"}  # fmt: skip
# What belongs to one app or one request is asked of it: the guards create_app plugs in, the memory of
# slots, the public address that stands in messages, and how much a clinic lets strangers take.
KEPT_WITH_THE_APP = {
    "booking.appointments.guards", "booking.appointments.limits", "booking.appointments.notices",
    "booking.calendars.slot_cache",
    "booking.reminders.contexts", "booking.patients.searching",
}  # fmt: skip
PAGES = {"site", "desk", "interchange"}
OF_THE_APP = {"flask.Flask", "flask.current_app", "flask.g"}
RULES = {
    *("rules", "gap_rules", "templates", "local_days", "frequencies", "reseating"),
    *("preferences", "authorisations", "spacing", "public_addresses"),
}
PLANNING = "planning"  # a folder: all of it is pure
PURE_LIBRARIES = {  # by the file or folder that may: they reckon, and know nothing of the world
    PLANNING: {"numpy", "ortools"},
    "search_index": {"numpy", "rapidfuzz"},
    "search_terms": {"dateutil"},
}
PURE_FILES = RULES | {
    *(
        PLANNING,
        "progress",
        "reply_meanings",
        "quotes",
        "segments",
        "location_calendars",
        "deadlines",
    ),
    *("booking_windows", "ruled_days", "start_rules", "overrides", "provider_rules"),
    *("template_changes", "schedule_previews", "gap_limit_rules", "timeline_rules"),
    *("progress_chart", "phase_groups", "remaining_rules", "personal_phases"),
    "phase_revisions",
    *("misfits", "answer_changes", "chart", "gap_windows", "allocation"),
    "counted_cells",
    *("figures", "series_figures", "loads", "foresight", "heat_maps", "week_charts"),
    *("usual_slots", "pause_rules"),
    *("search_terms", "search_index"),
    *("day_rules", "columns", "dated_rules"),
}


def feature_of(name: str) -> str:
    """Return the feature a dotted name belongs to; of create_app's own file, "booking"."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in HEIGHT else "booking"


def file_of(name: str) -> str:
    """Return the file's name, or its folder's in a feature: `rules` of `booking.series.rules`."""
    parts = name.split(".")
    return parts[2] if len(parts) > 2 else parts[-1]


def height_of(name: str) -> int:
    """Return how high a module stands."""
    return HEIGHT[feature_of(name)]


def is_ours(import_: Import) -> bool:
    return import_.target.split(".")[0] == "booking"


def named(wanted: set[str]) -> list[Import]:
    return [import_ for import_ in all_imports() if file_of(import_.module) in wanted]


def test_no_import_is_relative() -> None:
    assert [str(import_) for import_ in all_imports() if import_.target.startswith(".")] == []


def test_no_import_hides_inside_a_function() -> None:
    assert [str(import_) for import_ in all_imports() if import_.is_inside] == []


def test_every_feature_has_its_place() -> None:
    features = {import_.module.split(".")[1] for import_ in all_imports() if "." in import_.module}
    assert features - HEIGHT.keys() == set()


def test_imports_point_one_way() -> None:
    backwards = [
        str(import_)
        for import_ in all_imports()
        if is_ours(import_)
        and feature_of(import_.module) != feature_of(import_.target)
        and height_of(import_.module) <= height_of(import_.target)
        and not is_ground(import_)
    ]
    assert backwards == []


def is_ground(import_: Import) -> bool:
    """The ground's own files may lean on each other; Python refuses a circle there by itself."""
    return {feature_of(import_.module), feature_of(import_.target)} <= LAYERS[0]


def test_tasks_and_messaging_know_no_feature() -> None:
    below = LAYERS[0] | LAYERS[1]
    assert [
        str(import_)
        for import_ in all_imports()
        if is_ours(import_)
        and feature_of(import_.module) in SUBJECT_FREE
        and feature_of(import_.target) not in below | {feature_of(import_.module)}
    ] == []


def test_what_is_pure_imports_only_what_is_pure() -> None:
    assert [str(import_) for import_ in named(PURE_FILES) if not is_pure(import_)] == []


def is_pure(import_: Import) -> bool:
    package = import_.target.split(".")[0]
    if package == "booking":
        allowed_files = RULES if file_of(import_.module) in RULES else PURE_FILES
        return {file_of(import_.target), feature_of(import_.target)} & allowed_files != set()
    allowed = PURE_LIBRARIES.get(file_of(import_.module), set())
    return package in sys.stdlib_module_names or package in allowed


def test_models_know_no_other_feature_and_no_page() -> None:
    def is_allowed(import_: Import) -> bool:
        if not is_ours(import_):
            return not import_.target.startswith(("flask.", "werkzeug."))
        own = feature_of(import_.module) == feature_of(import_.target)
        return own or file_of(import_.target) == "rules" or feature_of(import_.target) in LAYERS[0]

    assert [str(import_) for import_ in named({"models"}) if not is_allowed(import_)] == []


def test_no_page_builds_a_query() -> None:
    """What pages show is read by the feature that has the table: its operations and queries."""
    assert [
        str(found)
        for found in all_imports()
        if feature_of(found.module) in PAGES and reaches_the_database(found)
    ] == []


def reaches_the_database(found: Import) -> bool:
    whole = found.target in {"booking.extensions", "booking.extensions.db"}
    return whole or found.target.split(".")[0] in {"sqlalchemy", "flask_sqlalchemy"}


@pytest.mark.parametrize("package", ["flask", "werkzeug", "flask_wtf", "flask_login", "wtforms"])
def test_flask_ends_at_the_pages(package: str) -> None:
    assert [
        str(import_)
        for import_ in all_imports()
        if import_.target.split(".")[0] == package
        and feature_of(import_.module) not in FLASK_MAY_STAND_IN
        and not (import_.module in KEPT_WITH_THE_APP and import_.target in OF_THE_APP)
    ] == []


def test_the_web_imports_nothing_of_the_operator_and_the_scheduler(tmp_path: Path) -> None:
    """Each of these costs megabytes in a web process that never runs it."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, wsgi; print(*sys.modules)"],
        cwd=ROOT,
        env=environment_for(f"sqlite:///{tmp_path / 'none.sqlite3'}"),
        capture_output=True,
        text=True,
        check=True,
    )
    others = {
        "apscheduler",
        "booking.cli",
        "booking.scheduler",
        "holidays",
        "ortools",
        "twilio.rest",
        "zxcvbn",
    }
    assert others & set(loaded.stdout.split()) == set()
