"""Tells whether an IP address is on the public internet, where a member's link may lead us.

`ipaddress.is_global` does not answer that: it says yes to multicast, to NAT64 of a private address and to Azure's wire
server, and its answers change between Python 3.11 and 3.14. The tables below give the same answer everywhere. They
follow the IANA special-purpose address registries, and refuse the few reachable nets there that serve no files.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_NOT_PUBLIC_V4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carriers' own NAT
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's wire server: inside every virtual machine there
        "169.254.0.0/16",  # link-local, with the clouds' metadata servers
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast tunnels
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)

_GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(net)
    for net in (
        "2001::/23",  # protocol assignments; Teredo, which hides an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which hides an IPv4 address
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Returns whether a numeric address, as a resolver gives it, is public. Anything else, a scope id too, is not."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return _is_public_v4(parsed)
    if parsed.scope_id is not None:
        return False
    inner = _embedded_v4(parsed)
    return _is_public_v6(parsed) if inner is None else _is_public_v4(inner)


def _is_public_v4(address: IPv4Address) -> bool:
    return not any(address in net for net in _NOT_PUBLIC_V4)


def _is_public_v6(address: IPv6Address) -> bool:
    return address in _GLOBAL_UNICAST_V6 and not any(address in net for net in _NOT_PUBLIC_V6)


def _embedded_v4(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a packet to this one really goes to."""
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped
