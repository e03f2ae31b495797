"""The proof of being the person: the birth date, given at one link, which that link keeps for a while."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from hashlib import sha256

from flask import session
from flask_babel import gettext as _

from booking.calendars import availability
from booking.site.forms import BirthDateForm
from booking.web.limits import count_tries

PROOFS = "proofs"  # in the session: by the token's digest, until when its visitor may see more
PROOF_LASTS = timedelta(minutes=30)
TRIES_FROM_ADDRESS = "10 per minute; 30 per hour"
TRIES_AT_LINK = "5 per 15 minutes; 20 per day"  # whatever address they come from


def try_birth_date(
    form: BirthDateForm, token: str, link: str, is_own: Callable[[date], bool], now: datetime
) -> bool:
    """Compare a birth date with the one on file; what is wrong stands in the form, a proof in the session.

    `link` names whose tries are counted.
    """
    form.read_birth_date(availability.get_clinic_date(now))
    if form.birth_date_errors or form.birth_date is None:
        return False
    count_tries(TRIES_AT_LINK, f"birth date {link}")
    if not is_own(form.birth_date):
        form.birth_date_errors = [
            _("This is not the date of birth that we have. Try again, or call us.")
        ]
        return False
    session[PROOFS] = {**_current_proofs(now), _digest(token): (now + PROOF_LASTS).timestamp()}
    return True


def is_proven(token: str, now: datetime) -> bool:
    """Tell whether the visitor gave the birth date at this link a short while ago."""
    return _digest(token) in _current_proofs(now)


def _current_proofs(now: datetime) -> dict[str, float]:
    proofs: dict[str, float] = session.get(PROOFS, {})
    return {digest: until for digest, until in proofs.items() if until > now.timestamp()}


def _digest(token: str) -> str:
    """Return what stands for a token in a cookie, which anybody at the phone can read."""
    return sha256(token.encode()).hexdigest()[:16]
