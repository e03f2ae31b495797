"""Reading the clinic file: a clinic that is right, or every problem with its place."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from booking.clinic.checks import list_problems
from booking.clinic.schema import ClinicFile, ClinicFileError

NUL = "\\u0000"  # as JSON writes it


def parse_clinic_file(text: str) -> ClinicFile:
    """Read a clinic file (TOML). Raises `ClinicFileError` with every problem of its parts.

    Parts are compared once each is right: what a broken one lacks would be told twice.
    """
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ClinicFileError([f"not TOML: {error}"]) from error
    if NUL in json.dumps(data, default=str):
        raise ClinicFileError(["expected texts without NUL characters"])
    try:
        clinic = ClinicFile.model_validate(data)
    except ValidationError as error:
        raise ClinicFileError(
            _describe_problem(problem, data) for problem in _problems(error)
        ) from error
    if problems := list_problems(clinic):
        raise ClinicFileError(problems)
    return clinic


def _problems(error: ValidationError) -> list[Mapping[str, Any]]:
    return [dict(problem) for problem in error.errors(include_url=False, include_context=False)]


def _describe_problem(problem: Mapping[str, Any], data: Any) -> str:
    path = ".".join(_names(problem["loc"], data))
    return f"{path}: {_expected(problem)}" if path else _expected(problem)


def _names(steps: Iterable[int | str], node: Any) -> Iterable[str]:
    """Yield the names on the way to a place; items of a list by their slug where they have one."""
    for step in steps:
        if step == "[key]":
            return
        node = _inside(node, step)
        yield str(node.get("slug", step) if isinstance(node, dict) else step)


def _inside(node: Any, step: int | str) -> Any:
    try:
        return node[step]
    except (KeyError, IndexError, TypeError):
        return None


def _expected(problem: Mapping[str, Any]) -> str:
    if problem["type"] == "missing":
        return "expected, but missing"
    if problem["type"] == "extra_forbidden":
        return "not a name that is known here"
    message = (
        str(problem["msg"]).removeprefix("Value error, ").replace("Input should be", "expected")
    )
    value = problem["input"]
    return (
        f"{message}, got {json.dumps(value, ensure_ascii=False)}"
        if isinstance(value, str | int)
        else message
    )
