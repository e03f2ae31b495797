"""The mail server: its address, and a connection to it that mail and password may go over."""

import smtplib
import ssl
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

TIMEOUT = 20  # seconds for each step of the conversation
IMPLICIT_TLS, STARTTLS, PLAIN = "smtps", "smtp+starttls", "smtp"
PORTS = {IMPLICIT_TLS: 465, STARTTLS: 587, PLAIN: 25}


class SmtpUrlError(ValueError):
    """The address of the mail server can't be read; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and how: a password never goes over in the clear (RFC 8314)."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)

    @classmethod
    def from_url(cls, url: str) -> "MailServer":
        """Read "smtps://user:password@host:465", "smtp://…" or "smtp+starttls://…".

        Raises `SmtpUrlError`, whose words don't repeat the password.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise SmtpUrlError(f"write {', '.join(PORTS)}://user:password@host:port") from None
        if parts.scheme not in PORTS or not parts.hostname or port == 0:
            raise SmtpUrlError(f"a mail server is one of {', '.join(PORTS)}://host:port")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise SmtpUrlError("nothing follows the port; in a password write / as %2F, ? as %3F")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if bool(user) != bool(password):
            raise SmtpUrlError("a user needs a password, and a password its user")
        return cls(parts.scheme, parts.hostname, port or PORTS[parts.scheme], user, password)

    @property
    def requires_tls(self) -> bool:
        """Whether nothing is said before the connection is encrypted for a proven server."""
        return self.scheme != PLAIN or bool(self.password)

    def connect(self) -> smtplib.SMTP:
        """Return a connection that mail may go over; raises what `smtplib` and `ssl` raise."""
        trusted = ssl.create_default_context()
        if self.scheme == IMPLICIT_TLS:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=trusted)
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        try:
            self._encrypt(server, trusted)
        except BaseException:
            server.close()
            raise
        return server

    def _encrypt(self, server: smtplib.SMTP, trusted: ssl.SSLContext) -> None:
        """STARTTLS: demanded of a proven server, or taken where a relay offers it (RFC 7435)."""
        server.ehlo_or_helo_if_needed()
        if self.requires_tls:
            server.starttls(context=trusted)
        elif server.has_extn("starttls"):
            server.starttls(context=_unverified_context())


def _unverified_context() -> ssl.SSLContext:
    """Return TLS with whoever answers: no less safe than the clear text that would go otherwise."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
