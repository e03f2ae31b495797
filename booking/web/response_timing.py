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


def pad_response_time(answer: Answer) -> Answer:
    """Wait till the next whole step since the request began, then return its answer.

    So a time that was taken and a person who is refused take as long. Rolls the session back first: no
    transaction is open meanwhile, and what was not committed is lost.
    """
    db.session.rollback()
    sleep((g.began_at - perf_counter()) % STEP)
    return answer
