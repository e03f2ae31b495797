"""Logs for machines: one JSON object a line, times in UTC, no patient data."""

import logging
from typing import Any

import structlog
from flask import Flask

EXCEPTIONS = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)


def list_traceback_frames(exc_info: structlog.typing.ExcInfo) -> list[dict[str, Any]]:
    """Return types and places of an exception and its causes, without its words.

    A database's error repeats the row it refused.
    """
    return [
        {
            "type": exception["exc_type"],
            "frames": [f"{f['filename']}:{f['lineno']}" for f in exception["frames"]],
        }
        for exception in EXCEPTIONS(exc_info)
    ]


def configure_logging(app: Flask) -> None:
    """Write events as JSON lines; a traceback's frames without their local values."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(list_traceback_frames),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    app.logger.setLevel(logging.WARNING)
