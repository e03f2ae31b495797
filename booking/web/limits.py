"""Rate limits: how often one address may do what is costly for us, or worth guessing for it."""

import functools
import hmac
from collections.abc import Callable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from math import ceil
from typing import TypeVar, cast

from flask import Flask, current_app, request
from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from booking import clock
from booking.web.limit_storage import DatabaseStorage
from booking.web.shared_limiter import SharedLimiter, connect_storage

View = TypeVar("View", bound=Callable[..., object])
BEHIND_A_SHARED_ONE = 10  # customers; so many times what one of them may do
ONE_CUSTOMER = 64  # bits of an IPv6 address that a provider gives to one of them (RFC 6177)


def init_app(app: Flask) -> None:
    """Count where the settings say; an empty address turns the limits off."""
    if storage_url := app.config["LIMITS_STORAGE_URL"]:
        is_ours = storage_url.startswith(
            tuple(f"{scheme}://" for scheme in DatabaseStorage.STORAGE_SCHEME)
        )
        app.extensions["limits"] = (
            FixedWindowRateLimiter(DatabaseStorage())
            if is_ours
            else SharedLimiter(connect_storage(storage_url))
        )


def limit_rate(
    rates: str | Callable[[], str], unless: Callable[[], bool] = lambda: False
) -> Callable[[View], View]:
    """Let one address call the view so often, as in "10 per minute; 60 per hour"; then it answers 429.

    A request that does nothing but show the page again is not counted: `unless` tells.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def counted(*args: object, **kwargs: object) -> object:
            if not unless():
                count_request(rates if isinstance(rates, str) else rates())
            return view(*args, **kwargs)

        return cast(View, counted)

    return decorate


def client_address_key(purpose: str = "") -> str:
    """Return what stands for the address a request came from: keyed, so that it tells nobody (hex).

    For another `purpose` it is another one.
    """
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.digest(secret, f"{purpose}{_customers_address()}".encode(), "sha256").hex()[:32]


def count_customers() -> int:
    """Return for how many customers the request's address counts: many are behind a shared one."""
    address = _address()
    shared = _networks(current_app.config["SHARED_ADDRESSES"])
    is_shared = address is not None and any(address in network for network in shared)
    return BEHIND_A_SHARED_ONE if is_shared else 1


@functools.cache
def _networks(setting: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part) for part in setting.split(",") if part)


def _address() -> IPv4Address | IPv6Address | None:
    """Return the request's address, an IPv4 one as such however it is written; None for what is none."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _customers_address() -> str:
    """Return the request's address; of IPv6 the network, of which a customer has all addresses."""
    address = _address()
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> ONE_CUSTOMER << ONE_CUSTOMER))
    return str(address or "")


_parsed = functools.cache(parse_many)


def count_request(rates: str, subject: str = "requests") -> None:
    """Count this request of its address to its page; raise `TooManyRequests` beyond `rates`.

    `subject` names what is counted, where a page has more than one limit.
    """
    limiter = current_app.extensions.get("limits")
    customers, endpoint = count_customers(), request.endpoint or ""
    _count(limiter, rates, customers, endpoint, subject, client_address_key())


def count_read(rates: str) -> None:
    """Count this GET of its address in this process's memory; raise `TooManyRequests` beyond `rates`.

    A GET writes nothing to the database (invariant 13), and reading costs so little that each process may
    count for itself.
    """
    if "limits" in current_app.extensions:
        readings = current_app.extensions.get("reading_limits")
        if (
            readings is None
        ):  # made by whoever asks first: its thread must not be there before a fork
            readings = FixedWindowRateLimiter(MemoryStorage())
            current_app.extensions["reading_limits"] = readings
        _count(readings, rates, count_customers(), request.endpoint or "", client_address_key())


def count_tries(rates: str, subject: str) -> None:
    """Count a try at `subject` from whatever address; raise `TooManyRequests` beyond `rates`."""
    _count(current_app.extensions.get("limits"), rates, 1, request.endpoint or "", subject)


def _count(
    limiter: FixedWindowRateLimiter | None, rates: str, customers: int, *counter_key: str
) -> None:
    if limiter is None:
        return
    for limit in _parsed(rates):
        rate = type(limit)(limit.amount * customers, limit.multiples)
        if not limiter.hit(rate, *counter_key):
            over_at = limiter.get_window_stats(rate, *counter_key).reset_time
            seconds = over_at - clock.now().timestamp()
            raise TooManyRequests(retry_after=max(1, ceil(seconds)))
