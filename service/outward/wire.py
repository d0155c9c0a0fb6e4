"""Connections to addresses that were looked up and checked, which end at a deadline, whatever the other side does."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import httpcore

from service.outward.addresses import is_public, spelt_address

Resolve = Callable[[str], Sequence[str]]
"""From a name to its addresses; raises OSError where there are none."""


class Late(Exception):
    """The deadline has passed."""


class Inside(Exception):
    """A host leads, with at least one address, to where nobody outside may send us."""


class Unknown(Exception):
    """A host has no address."""


def ask_system(host: str) -> Sequence[str]:
    """The addresses of a name as this machine knows them."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment after which nothing is waited for."""

    at_s: float
    silence_s: float

    @classmethod
    def after(cls, total_s: float, *, silence_s: float) -> Deadline:
        """From now on; `silence_s` is the longest that one step may take."""
        return cls(time.monotonic() + total_s, silence_s)

    def left_s(self) -> float:
        """How long the next step may take; raises Late when there is no time."""
        left_s = min(self.at_s - time.monotonic(), self.silence_s)
        if left_s <= 0:
            raise Late
        return left_s


def addresses_of(host: str, *, resolve: Resolve, is_allowed: bool, deadline: Deadline) -> list[str]:
    """
    Where a host is, looked up once. Every address has to be public, or all are refused, unless the host is allowed.

    Raises
    ------
    Inside, Unknown, Late
    """
    spelt = spelt_address(host)
    found = [str(spelt)] if spelt is not None else _looked_up(host, resolve, deadline)
    if not is_allowed and not all(is_public(ip_address(address)) for address in found):
        raise Inside
    return found


def _looked_up(host: str, resolve: Resolve, deadline: Deadline) -> list[str]:
    # In a thread, because a look-up knows no deadline.
    found: list[str] = []

    def look_up() -> None:
        try:
            found.extend(resolve(host))
        except (OSError, ValueError):
            return

    asking = threading.Thread(target=look_up, daemon=True)
    asking.start()
    asking.join(deadline.left_s())
    if asking.is_alive():
        raise Late
    if not found:
        raise Unknown
    return list(found)


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to addresses that were checked, in the place of whatever host a request names."""

    def __init__(self, addresses: Sequence[str], deadline: Deadline) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first of the addresses that answers; name and certificate stay those of the host."""
        for address in self._addresses[:-1]:
            try:
                return self._open(address, port, share=0.5)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._open(self._addresses[-1], port, share=1.0)

    def _open(self, address: str, port: int, *, share: float) -> httpcore.NetworkStream:
        stream = self._plain.connect_tcp(address, port, timeout=self._deadline.left_s() * share)
        return _TimedStream(stream, self._deadline)


class _TimedStream(httpcore.NetworkStream):
    """A connection each step of which ends at the deadline, so that a trickle of bytes does not last for ever."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=self._deadline.left_s())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=self._deadline.left_s())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, timeout=self._deadline.left_s())
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
