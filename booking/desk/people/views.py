"""The pages of staff and their accounts; importing one hangs it on the blueprint."""

from booking.desk import sign_in
from booking.desk.people import (
    accepting,
    account,
    confirming,
    inviting,
    listing,
    own_password,
    retiring,
    roles,
    sessions,
)
from booking.desk.people.blueprint import blueprint

PAGES = (
    *(sign_in, accepting, confirming),
    *(account, own_password, sessions),
    *(listing, inviting, roles, retiring),
)

__all__ = ["PAGES", "blueprint"]
