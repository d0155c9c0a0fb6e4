"""
Which addresses are the open internet, and which are somebody's inside.

Registries: IANA IPv4 and IPv6 Special-Purpose Address Space. Lists of our own, because what Python's `is_global` says
changes with its patch releases. Of IPv6 only what is given out as global unicast passes, less the blocks in it
that carry IPv4 addresses or are for documents; NAT64 (64:ff9b::/96) and mapped addresses are judged by what they carry.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

INSIDE_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",
            "100.64.0.0/10",  # shared by carriers
            "127.0.0.0/8",
            "169.254.0.0/16",  # link-local: metadata of clouds
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)
GLOBAL_6 = IPv6Network("2000::/3")
INSIDE_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocols, among them Teredo
            "2001:db8::/32",
            "2002::/16",  # 6to4
            "3fff::/20",
        ),
    )
)
NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether anybody may be sent there."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in INSIDE_4)
    if address.scope_id is not None:
        return False
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in GLOBAL_6 and not any(address in network for network in INSIDE_6)


def spelt_address(host: str) -> Address | None:
    """The address that a host spells: dotted, decimal, octal, hexadecimal, short, or IPv6; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        # Reads what C libraries read: 2130706433, 0x7f.1, 0177.0.0.1.
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None
