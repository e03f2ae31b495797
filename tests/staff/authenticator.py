"""A device that keeps passkeys, in software: what it signs is what a real one would."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

SITE = "http://127.0.0.1:8000"
FLAG = AuthenticatorData.FLAG
SEEN = FLAG.UP | FLAG.UV  # somebody was there, and proved to be its owner
CREATE, GET = "webauthn.create", "webauthn.get"


@dataclass
class Authenticator:
    """One passkey; `flags`, `origin` and `sign_count` are what an attacker would change."""

    origin: str = SITE
    flags: FLAG = SEEN
    sign_count: int = 0
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = b"a credential of the tests"

    def create(self, options: dict[str, Any]) -> str:
        """Answer the challenge to make a passkey, as `toJSON()` in a browser does."""
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, public)
        data = self._data(options["rp"]["id"], self.flags | FLAG.AT, credential)
        made = AttestationObject.create("none", data, {})
        return self._answer(
            self._client_data(CREATE, options), attestationObject=websafe_encode(made)
        )

    def get(self, options: dict[str, Any]) -> str:
        """Answer the challenge to prove it."""
        self.sign_count += 1
        data = self._data(options["rpId"], self.flags)
        client_data = self._client_data(GET, options)
        signed = data + hashlib.sha256(client_data).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        proof = {"authenticatorData": websafe_encode(data), "signature": websafe_encode(signature)}
        return self._answer(client_data, **proof)

    def _data(self, site_id: str, flags: FLAG, credential: bytes = b"") -> AuthenticatorData:
        id_hash = hashlib.sha256(site_id.encode()).digest()
        data: AuthenticatorData = AuthenticatorData.create(
            id_hash, flags, self.sign_count, credential
        )
        return data

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said).encode()

    def _answer(self, client_data: bytes, **response: str) -> str:
        name = websafe_encode(self.credential_id)
        parts = {"clientDataJSON": websafe_encode(client_data), **response}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": parts})
