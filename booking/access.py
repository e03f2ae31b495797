"""Who may open a page: declared at each view, checked before each request."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


class Access(StrEnum):
    """Who may call a view: declared by `@access(…)`, checked before each request."""

    PUBLIC = "public"
    TOKEN = "token"  # noqa: S105 - the address itself is the proof: 128 random bits bound to one purpose
    SIGNED = "signed webhook"
    MONITORING = "monitoring"  # a program with BOOKING_METRICS_TOKEN as its bearer token (RFC 6750)
    DEMO = "demo only"
    STAFF = "staff"
    PRACTITIONER = "practitioner"
    MANAGER = "manager"
    OVERSIGHT = "practitioner or manager"


SIGNED_IN = (Access.STAFF, Access.PRACTITIONER, Access.MANAGER, Access.OVERSIGHT)


def access(
    who: Access,
    *,
    counts_as_use: bool = True,
    confirmed: bool = False,
    for_enrolment: bool = False,
) -> Callable[[View], View]:
    """Declare who the view answers; a view without a declaration is refused and fails a test.

    What a page asks for by itself doesn't count as use: a desk that nobody touches is signed out.
    `confirmed`: they have lately said once more who they are. `for_enrolment`: also who has yet to set up the
    second factor that their role needs, and just gave the password.
    """

    def declare(view: View) -> View:
        view.counts_as_use = counts_as_use  # type: ignore[attr-defined]  # as below
        view.is_for_enrolment = for_enrolment  # type: ignore[attr-defined]  # as below
        view.needs_confirmation = confirmed  # type: ignore[attr-defined]  # as below
        view.access = who  # type: ignore[attr-defined]  # functions take attributes; mypy has no type for it
        return view

    return declare
