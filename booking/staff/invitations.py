"""The link with which somebody sets a password: it works once, for a few days."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel
from booking.staff import password_changes
from booking.staff.models import Staff, StaffInvitation
from booking.staff.rules import INVITATION_LIFETIME
from booking.staff.sign_in_attempts import key_digest

KIND = "staff_invitation"
# Neutral, and in staff's language (decision 0038): whoever sees a phone learns nothing of the clinic
SUBJECT = "Your link to sign in"
BODY = (
    "Hello,\n\nwith this link you choose your password. It works once, until {until}:\n{url}\n\n"
    "If you don't expect it, you need do nothing.\n"
)


class InvitationOver(LookupError):
    """A link that was used, replaced or has expired, or never was."""


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """A link just made: its id, the secret `token` of its address, until when it works (UTC)."""

    id: int
    token: str
    expires_at: datetime


@transaction()
def make_invitation(person: Staff, now: datetime, actor: str) -> NewInvitation:
    """Make a link for a person; earlier ones end."""
    end_invitations(person.id, now)
    token = secrets.token_urlsafe(32)
    row = StaffInvitation(
        staff_id=person.id,
        token_digest=key_digest(token),
        made_at=now,
        expires_at=now + INVITATION_LIFETIME,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(actor, "make_invitation", "staff", person.id, now)
    return NewInvitation(row.id, token, row.expires_at)


@transaction()
def end_invitations(staff_id: int, now: datetime) -> None:
    """End the links of a person that still work, and what is owed of them."""
    ended = (
        update(StaffInvitation)
        .where(StaffInvitation.staff_id == staff_id, StaffInvitation.used_at.is_(None))
        .values(used_at=now)
    )
    for invitation_id in db.session.scalars(ended.returning(StaffInvitation.id)).all():
        messaging.cancel_pending(_topic(invitation_id), now)


def get_invited_staff(token: str, now: datetime) -> Staff:
    """Return whom a link is for. Raises `InvitationOver`."""
    return _find(token, now, lock=False)[1]


@transaction()
def accept_invitation(token: str, password: str, now: datetime) -> Staff:
    """Set the password of whom a link is for; it works no more. Raises `InvitationOver`, `WeakPassword`."""
    invitation, person = _find(token, now, lock=True)
    password_changes.replace_password(person, password, now, staff_actor(person.id))
    invitation.used_at = now
    return person


@transaction()
def enqueue_invitation(
    invitation: NewInvitation, email: str, url: str, until: str, time_zone: str, now: datetime
) -> None:
    """Owe the e-mail with a link; `until` says when it expires, in words, in `time_zone` (IANA)."""
    draft = MessageDraft(
        topic=_topic(invitation.id),
        revision=0,
        kind=KIND,
        channel=Channel.EMAIL,
        recipient=email,
        subject=SUBJECT,
        body=BODY.format(url=url, until=until),
        send_at=now,
        expires_at=invitation.expires_at,
        time_zone=time_zone,
        language="en",
        immediate=True,
    )
    messaging.enqueue(draft, now)


def find_open_invitation(staff_id: int, now: datetime) -> StaffInvitation | None:
    """Return the link of a person that still works."""
    return db.session.scalar(
        select(StaffInvitation)
        .filter_by(staff_id=staff_id, used_at=None)
        .where(StaffInvitation.expires_at > now)
    )


def _topic(invitation_id: int) -> str:
    return f"invitation:{invitation_id}"


def _find(token: str, now: datetime, *, lock: bool) -> tuple[StaffInvitation, Staff]:
    """Return a link that works and whom it is for; `lock` it where it is about to be used."""
    statement = (
        select(StaffInvitation, Staff)
        .join(Staff, Staff.id == StaffInvitation.staff_id)
        .where(
            StaffInvitation.token_digest == key_digest(token),
            StaffInvitation.used_at.is_(None),
            StaffInvitation.expires_at > now,
            Staff.active,
        )
    )
    if lock:
        statement = statement.with_for_update()
    row = db.session.execute(statement).first()
    if row is None:
        raise InvitationOver
    invitation, person = row
    return invitation, person
