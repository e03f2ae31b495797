"""The pages of staff and their accounts; importing one hangs it on the blueprint."""

from booking.desk import sign_in
from booking.desk.people import (
    accepting,
    account,
    confirming,
    inviting,
    listing,
    own_calendar,
    own_factor,
    own_passkeys,
    own_password,
    passkey_sign_in,
    phones,
    resetting,
    retiring,
    roles,
    second_step,
    sessions,
)
from booking.desk.people.blueprint import blueprint

PAGES = (
    *(sign_in, second_step, passkey_sign_in, accepting, confirming),
    *(account, own_password, own_factor, own_passkeys, own_calendar, sessions),
    *(listing, inviting, roles, resetting, retiring, phones),
)

__all__ = ["PAGES", "blueprint"]
