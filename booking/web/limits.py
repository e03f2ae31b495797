"""Rate limits: how often one address may do what is costly for us, or worth guessing for it."""

import functools
from collections.abc import Callable
from math import ceil
from typing import TypeVar, cast

from flask import Flask, current_app, request
from limits import parse_many
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from booking import clock

View = TypeVar("View", bound=Callable[..., object])


def set_up(app: Flask) -> None:
    """Count where the settings say; an empty address turns the limits off."""
    if where := app.config["LIMITS_STORAGE_URL"]:
        app.extensions["limits"] = FixedWindowRateLimiter(storage_from_string(where))


def limited(rates: str | Callable[[], str]) -> Callable[[View], View]:
    """Let one address call the view so often, as in "10 per minute; 60 per hour"; then it answers 429."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def counted(*args: object, **kwargs: object) -> object:
            count_request(rates if isinstance(rates, str) else rates())
            return view(*args, **kwargs)

        return cast(View, counted)

    return decorate


_parsed = functools.cache(parse_many)


def count_request(rates: str) -> None:
    """Count this request of its address to its page; raise `TooManyRequests` beyond `rates`."""
    limiter: FixedWindowRateLimiter | None = current_app.extensions.get("limits")
    if limiter is None:
        return
    who = (request.endpoint or "", request.remote_addr or "")
    for rate in _parsed(rates):
        if not limiter.hit(rate, *who):
            over_at = limiter.get_window_stats(rate, *who).reset_time
            seconds = over_at - clock.now().timestamp()
            raise TooManyRequests(retry_after=max(1, ceil(seconds)))
