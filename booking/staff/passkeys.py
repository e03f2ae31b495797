"""Passkeys: a key that a device keeps for this site and uses once it knows its owner (W3C WebAuthn, level 2).

One is two factors by itself: the device, and what the device asks for (a finger, a face, a PIN).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from sqlalchemy import delete, select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.staff.models import Passkey, PasskeyChallenge, Staff
from booking.staff.operations import UNKNOWN_STAFF_ID, Browser, open_session
from booking.staff.rules import CHALLENGE_LIFETIME
from booking.staff.sign_in_attempts import key_digest

Answer = Mapping[str, Any]  # what a browser's PublicKeyCredential.toJSON() gives


class PasskeyRefused(Exception):
    """An answer proves nothing: another challenge, site or key, or the device asked for nobody."""


def make_server(public_url: str) -> Fido2Server:
    """Return what makes and checks challenges for the site at this address, and no other."""
    host = urlsplit(public_url).hostname or ""
    site = PublicKeyCredentialRpEntity(name=host, id=host)
    return Fido2Server(site, verify_origin=lambda origin: origin == public_url)


def list_passkeys(staff_id: int) -> list[Passkey]:
    """Return a person's passkeys, the oldest first."""
    return list(
        db.session.scalars(select(Passkey).filter_by(staff_id=staff_id).order_by(Passkey.id))
    )


@transaction()
def begin_registration(person: Staff, server: Fido2Server, now: datetime) -> dict[str, Any]:
    """Return what a browser is to make a passkey of, as JSON has it; it is answered once, within minutes."""
    user = PublicKeyCredentialUserEntity(
        id=str(person.id).encode(), name=person.email, display_name=person.name
    )
    options, state = server.register_begin(
        user,
        [_credential(passkey) for passkey in list_passkeys(person.id)],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    _keep_challenge(state["challenge"], person.id, now)
    return dict(options)["publicKey"]  # type: ignore[no-any-return]  # the library has no type for it


def finish_registration(
    staff_id: int, answer: Answer, name: str, server: Fido2Server, now: datetime
) -> None:
    """Keep the passkey that a browser has made. Raises `PasskeyRefused`."""
    try:
        challenge = RegistrationResponse.from_dict(answer).response.client_data.challenge
        state = _take_challenge(challenge, staff_id, now)
        credential = server.register_complete(state, answer)
    except (ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused from error
    _add_passkey(staff_id, name, credential, now)


@transaction()
def _add_passkey(
    staff_id: int, name: str, authenticator_data: AuthenticatorData, now: datetime
) -> None:
    credential = authenticator_data.credential_data
    if credential is None or _find_by_credential(credential.credential_id):
        raise PasskeyRefused
    db.session.add(
        Passkey(
            staff_id=staff_id,
            name=name,
            credential_id=websafe_encode(credential.credential_id),
            credential=websafe_encode(credential),
            sign_count=authenticator_data.counter,
            added_at=now,
        )
    )
    audit.record(staff_actor(staff_id), "add_passkey", "staff", staff_id, now)


@transaction()
def begin_sign_in(server: Fido2Server, now: datetime) -> dict[str, Any]:
    """Return what a browser is to prove a passkey with, whoever's it is."""
    options, state = server.authenticate_begin(
        user_verification=UserVerificationRequirement.REQUIRED
    )
    _keep_challenge(state["challenge"], None, now)
    return dict(options)["publicKey"]  # type: ignore[no-any-return]  # the library has no type for it


def finish_sign_in(answer: Answer, server: Fido2Server, now: datetime, browser: Browser) -> str:
    """Return the key of a new sign-in, proven by a passkey; a refusal is on record.

    Raises `PasskeyRefused`.
    """
    try:
        response = AuthenticationResponse.from_dict(answer)
        state = _take_challenge(response.response.client_data.challenge, None, now)
        return _finish_sign_in(answer, response, state, server, now, browser)
    except (PasskeyRefused, ValueError, TypeError, KeyError) as error:
        _record_refusal(now)
        raise PasskeyRefused from error


@transaction()
def _finish_sign_in(
    answer: Answer,
    response: AuthenticationResponse,
    state: dict[str, Any],
    server: Fido2Server,
    now: datetime,
    browser: Browser,
) -> str:
    passkey = _find_by_credential(response.raw_id)
    try:
        server.authenticate_complete(state, [_credential(passkey)] if passkey else [], answer)
    except (ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused from error
    person = db.session.get(Staff, passkey.staff_id) if passkey else None
    if passkey is None or person is None or not person.active:
        raise PasskeyRefused
    _count_use(passkey, response.response.authenticator_data.counter, now)
    return open_session(person, now, browser, awaits_factor=False)


@transaction()
def remove_passkey(staff_id: int, passkey_id: int, now: datetime, actor: str) -> bool:
    """Let a passkey count no more; tell whether the person had it."""
    passkey = db.session.get(Passkey, passkey_id)
    if passkey is None or passkey.staff_id != staff_id:
        return False
    db.session.delete(passkey)
    audit.record(actor, "remove_passkey", "staff", staff_id, now)
    return True


@transaction()
def _record_refusal(now: datetime) -> None:
    audit.record("desk", "passkey_refused", "staff", UNKNOWN_STAFF_ID, now)


def _count_use(passkey: Passkey, sign_count: int, now: datetime) -> None:
    """Keep a use; a count that doesn't rise is a copy of the key (WebAuthn, 7.2, step 21)."""
    if (sign_count or passkey.sign_count) and sign_count <= passkey.sign_count:
        raise PasskeyRefused
    passkey.sign_count, passkey.used_at = sign_count, now


def _find_by_credential(credential_id: bytes) -> Passkey | None:
    statement = select(Passkey).filter_by(credential_id=websafe_encode(credential_id))
    return db.session.scalar(statement.with_for_update())


def _credential(passkey: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(websafe_decode(passkey.credential))


def _keep_challenge(challenge: str, staff_id: int | None, now: datetime) -> None:
    db.session.execute(
        delete(PasskeyChallenge).where(PasskeyChallenge.made_at < now - CHALLENGE_LIFETIME)
    )
    db.session.add(PasskeyChallenge(digest=key_digest(challenge), staff_id=staff_id, made_at=now))


@transaction()
def _take_challenge(challenge: bytes, staff_id: int | None, now: datetime) -> dict[str, Any]:
    """Use a challenge up, whatever is proven by the answer; return it as the library asks for it.

    Raises `ValueError` for one not open.
    """
    text = websafe_encode(challenge)
    row = db.session.get(PasskeyChallenge, key_digest(text), with_for_update=True)
    if row is None or row.staff_id != staff_id or row.made_at < now - CHALLENGE_LIFETIME:
        raise ValueError("no such challenge is open")
    db.session.delete(row)
    db.session.flush()
    return {"challenge": text, "user_verification": UserVerificationRequirement.REQUIRED}
