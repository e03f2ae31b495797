"""Which IP addresses are the internet's: what somebody typed may lead to no others."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

TRANSLATED = IPv6Network("64:ff9b::/96")  # an IPv4 address behind a translator (RFC 6052)
Address = IPv4Address | IPv6Address


def is_public(text: str, *, with_loopback: bool = False) -> bool:
    """Tell whether an IP address is one of the internet's, and of nobody's own network.

    What carries another address inside is judged by that, too (RFC 4291, 3056, 4380, 6052).
    """
    address = ip_address(text.partition("%")[0])
    if with_loopback and address.is_loopback:
        return True
    return all(each.is_global and not each.is_multicast for each in _with_embedded(address))


def _with_embedded(address: Address) -> list[Address]:
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in TRANSLATED:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    inner = (address.sixtofour, *(address.teredo or ()))
    return [address, *(each for each in inner if each)]
