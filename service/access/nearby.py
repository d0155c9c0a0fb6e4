"""
Whether a request was made on this machine, and by somebody who means it.

A loopback peer is not enough. A page of a foreign site can have a browser send requests to loopback: under a name that
it points there (so the Host has to be loopback's), or blindly (so the Origin, where there is one, has to be). And a
proxy on this machine passes on what comes from elsewhere (so nothing may say that it was passed on).
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

PASSED_ON = ("forwarded", "via", "x-real-ip")
PASSED_ON_PREFIX = "x-forwarded-"


def is_nearby(scope: Scope) -> bool:
    """Whether this machine talks to itself, directly and knowingly."""
    headers = Headers(scope=scope)
    client = scope.get("client")
    hosts = headers.getlist("host")
    return (
        client is not None
        and is_loopback(client[0])
        and len(hosts) == 1
        and _names_loopback(f"//{hosts[0]}")
        and all(_names_loopback(origin) for origin in headers.getlist("origin"))
        and not any(name in PASSED_ON or name.startswith(PASSED_ON_PREFIX) for name in headers)
    )


def is_loopback(address: str) -> bool:
    """Whether an IP address, of either version, is this machine's own."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found.is_loopback


def _names_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return False
    return host is not None and (host == "localhost" or is_loopback(host))
