"""Answers that may not tell by how long they took what was looked up for them."""

from time import perf_counter, sleep
from typing import TypeVar

from flask import Flask, g

from booking.extensions import db

Answer = TypeVar("Answer")
STEP = 0.2  # seconds; several times what the slowest of these answers takes


def init_app(app: Flask) -> None:
    """Note when each request begins."""
    app.before_request(record_request_start)


def record_request_start() -> None:
    """Keep when this request began."""
    g.began_at = perf_counter()


def equalize_duration(answer: Answer) -> Answer:
    """Return an answer at the next whole step since its request began, with no transaction open meanwhile.

    A time that went and one that is refused to a person take different work. Padding that work to be alike
    would hold only until either changes; a step hides both, and whatever else they do.
    """
    db.session.rollback()
    sleep((g.began_at - perf_counter()) % STEP)
    return answer
