"""Which addresses are the internet's: what somebody typed may lead to no others."""

from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

TRANSLATED = IPv6Network("64:ff9b::/96")  # an IPv4 address behind a translator (RFC 6052)
GIVEN_OUT = IPv6Network("2000::/3")  # all that IANA has assigned of the internet's
LONGEST_URL = 1000  # characters
Address = IPv4Address | IPv6Address


class AddressFault(StrEnum):
    """Why an address isn't asked."""

    NOT_HTTPS = "not_https"
    NO_ADDRESS = "no_address"
    HAS_PASSWORD = "has_password"  # noqa: S105 - a code
    NOT_PUBLIC = "not_public"
    TOO_LONG = "too_long"


class BadAddress(ValueError):
    """Not the address of a server in the internet, reached by TLS; `fault` says why."""

    def __init__(self, fault: AddressFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def parse_public_url(
    text: str, longest: int = LONGEST_URL, *, with_loopback: bool = False
) -> SplitResult:
    """Return the parts of an address of the internet, without its fragment: https, no user and password.

    `longest` in characters. `with_loopback` allows http to this machine, for the demo and tests. Raises
    `BadAddress`.
    """
    text = text.strip()
    if len(text) > longest:
        raise BadAddress(AddressFault.TOO_LONG)
    if not text.isascii() or any(sign.isspace() or not sign.isprintable() for sign in text):
        raise BadAddress(AddressFault.NO_ADDRESS)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadAddress(AddressFault.NO_ADDRESS) from error
    if fault := _find_fault(parts, host or "", port, with_loopback=with_loopback):
        raise BadAddress(fault)
    return parts._replace(fragment="")


def _find_fault(
    parts: SplitResult, host: str, port: int | None, *, with_loopback: bool
) -> AddressFault | None:
    if parts.scheme not in (("https", "http") if with_loopback else ("https",)):
        return AddressFault.NOT_HTTPS
    if not host or port == 0:
        return AddressFault.NO_ADDRESS
    if "@" in parts.netloc:
        return AddressFault.HAS_PASSWORD
    if _is_own_address(host, with_loopback=with_loopback):
        return AddressFault.NOT_PUBLIC
    return None


def _is_own_address(host: str, *, with_loopback: bool) -> bool:
    """Tell whether a host is written as an address that isn't the internet's."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return not is_public(host, with_loopback=with_loopback)


def is_public(text: str, *, with_loopback: bool = False) -> bool:
    """Tell whether an IP address is one of the internet's, and of nobody's own network.

    What carries another address inside is judged by that, too (RFC 4291, 3056, 4380, 6052).
    """
    address = ip_address(text.partition("%")[0])
    if with_loopback and address.is_loopback:
        return True
    return all(map(_is_of_the_internet, _with_embedded(address)))


def _is_of_the_internet(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in GIVEN_OUT:
        return False  # site-local ones (fec0::/10), say, which are "global" to Python
    return address.is_global and not address.is_multicast


def _with_embedded(address: Address) -> list[Address]:
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in TRANSLATED:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    inner = (address.sixtofour, *(address.teredo or ()))
    return [address, *(each for each in inner if each)]
