"""Hosts that an operator has allowed to be inside, and to be spoken to by http."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Hosts, each with a port or None for all, that may be reached by http and at inside addresses."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()

    @classmethod
    def read(cls, text: str) -> Allowed:
        """
        From `host, host:port, …`.

        Raises
        ------
        ValueError
            Names the entry that is none.
        """
        return cls(frozenset(_entry(part.strip()) for part in text.split(",") if part.strip()))

    def also(self, url: str) -> Allowed:
        """And the host of an address; one that cannot be read allows nothing."""
        try:
            return Allowed(self.hosts | {(host_of(httpx.URL(url)), None)})
        except (httpx.InvalidURL, ValueError):
            return self

    def holds(self, url: httpx.URL) -> bool:
        """Whether the host of an address is among them."""
        return not self.hosts.isdisjoint({(host_of(url), None), (host_of(url), _port(url))})


def host_of(url: httpx.URL) -> str:
    """As it is compared and looked up."""
    return url.raw_host.decode("ascii").lower().rstrip(".")


def names_host(url: httpx.URL) -> bool:
    """Whether host and port are such at all."""
    # The reader of addresses lets more pass than any host is called.
    host = url.raw_host.decode("ascii")
    return (":" in host or NAME.fullmatch(host) is not None) and (url.port is None or 0 < url.port <= 65_535)


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _entry(text: str) -> tuple[str, int | None]:
    try:
        url = httpx.URL(f"http://{text}")
        if not names_host(url) or url.userinfo or url.raw_path != b"/" or url.fragment:
            raise ValueError(text)
    except (httpx.InvalidURL, ValueError):
        raise ValueError(f"{text!r} is not a host, or a host and a port") from None
    # An explicit port 80 is dropped by the reader of addresses, as if none had been given.
    return host_of(url), 80 if text.endswith(":80") else url.port
