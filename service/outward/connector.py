"""
The one way out: requests to addresses that somebody else has named.

Only https, and only to hosts all of whose addresses are public; http and inside addresses only for hosts that the
operator has allowed. A host is looked up once, every address is checked, and the connection goes to what was checked:
no second look-up can answer differently. Each redirect is checked like the first address. No proxy is asked.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urljoin

import httpcore
import httpx

from service.outward.allowed import Allowed, host_of, names_host
from service.outward.content import Damaged, TooLarge, read_content
from service.outward.errors import Unreachable, unreachable
from service.outward.wire import (
    CheckedBackend,
    Deadline,
    Inside,
    Late,
    Resolve,
    Unknown,
    addresses_of,
    ask_system,
)

MAX_REDIRECTS = 3
REDIRECTS = (301, 302, 303, 307, 308)
HOW = "or the operator lists its host in EVENFLEET_ALLOW_HOSTS"


@cache
def trusted_certificates() -> ssl.SSLContext:
    """Those of the browsers, or what SSL_CERT_FILE says; read once."""
    return httpx.create_ssl_context()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; the content only of a GET that went well."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes = b""

    @property
    def is_ok(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """Sends requests out; each on a connection of its own."""

    allowed: Allowed = field(default_factory=Allowed)
    total_s: float = 10.0
    """From the look-up of the first host to the last byte."""
    silence_s: float = 10.0
    """Longest wait for the next byte."""
    max_bytes: int = 50_000_000
    """Of the content, decompressed."""
    resolve: Resolve = ask_system
    certificates: ssl.SSLContext = field(default_factory=trusted_certificates)

    def get(self, url: str, *, accept: str = "*/*") -> Answer:
        """
        What is at an address, after at most three redirects.

        Raises
        ------
        Unreachable
            With the address that was asked for, and why.
        """
        deadline = Deadline.after(self.total_s, silence_s=self.silence_s)
        headers = {"Accept": accept, "Accept-Encoding": "gzip"}
        target = url
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._send("GET", target, headers, b"", deadline, named=url)
            if answer.status not in REDIRECTS or "location" not in answer.headers:
                return answer
            target = _joined(target, answer.headers["location"], named=url)
        raise unreachable(url, "redirected_too_often", f"sends on more than {MAX_REDIRECTS} times")

    def post(self, url: str, content: bytes, *, headers: Mapping[str, str]) -> Answer:
        """
        Hand something over; a redirect is an answer like any other, and the content of the answer is not read.

        Raises
        ------
        Unreachable
        """
        deadline = Deadline.after(self.total_s, silence_s=self.silence_s)
        return self._send("POST", url, headers, content, deadline, named=url)

    def check(self, url: str) -> None:
        """
        Look whether an address may be sent to as things are, without sending anything.

        Raises
        ------
        Unreachable
        """
        deadline = Deadline.after(self.total_s, silence_s=self.silence_s)
        self._addresses(self._read(url, named=url), deadline, named=url)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes, deadline: Deadline, *, named: str
    ) -> Answer:
        target = self._read(url, named=named)
        backend = CheckedBackend(self._addresses(target, deadline, named=named), deadline)
        sent = {"Host": target.netloc.decode("ascii"), "User-Agent": "evenfleet", "Connection": "close", **headers}
        if method == "POST":
            sent["Content-Length"] = str(len(content))
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self.certificates, network_backend=backend) as pool,
                pool.stream(method, _plain(target), headers=list(sent.items()), content=content) as response,
            ):
                received = _headers(response)
                if method == "POST" or not 200 <= response.status < 300:
                    return Answer(status=response.status, headers=received)
                encoding = received.get("content-encoding", "")
                body = read_content(response.iter_stream(), encoding=encoding, max_bytes=self.max_bytes)
                return Answer(status=response.status, headers=received, content=body)
        except Late:
            raise self._late(named) from None
        except TooLarge:
            message = f"is larger than {self.max_bytes / 1e6:g} MB, or far larger than what it is packed into"
            raise unreachable(named, "file_too_large", message) from None
        except Damaged as error:
            raise unreachable(named, "fetch_failed", str(error)) from None
        except httpcore.TimeoutException:
            raise unreachable(named, "fetch_failed", "does not answer in time") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise unreachable(named, "fetch_failed", f"cannot be fetched: {reason}") from None

    def _read(self, url: str, *, named: str) -> httpx.URL:
        try:
            target = httpx.URL(url)
            if target.scheme in ("http", "https") and not names_host(target):
                raise ValueError("its host, or its port, is none")
        except (httpx.InvalidURL, ValueError, UnicodeError) as error:
            raise unreachable(named, "address_malformed", f"is no address: {error}", hint="https://…") from None
        if target.scheme not in ("http", "https"):
            raise unreachable(named, "address_scheme", "is not an http or https address", hint="https://…")
        if target.userinfo:
            message = "carries a name or a password"
            raise unreachable(named, "address_userinfo", message, hint="an address without anything before an @")
        if target.scheme == "http" and not self.allowed.holds(target):
            raise unreachable(named, "address_scheme", "is not an https address", hint=f"use https, {HOW}")
        return target

    def _addresses(self, target: httpx.URL, deadline: Deadline, *, named: str) -> list[str]:
        try:
            return addresses_of(
                host_of(target), resolve=self.resolve, is_allowed=self.allowed.holds(target), deadline=deadline
            )
        except Inside:
            message, hint = "leads to an address that is not public", f"use a public one, {HOW}"
            raise unreachable(named, "address_inside", message, hint=hint) from None
        except Unknown:
            message = "names a host that has no address"
            raise unreachable(named, "address_unknown", message, hint="check the spelling, or try later") from None
        except Late:
            raise self._late(named) from None

    def _late(self, named: str) -> Unreachable:
        return unreachable(named, "fetch_failed", f"takes longer than {self.total_s:g} s")


def _plain(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _headers(response: httpcore.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}


def _joined(base: str, location: str, *, named: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError as error:
        raise unreachable(named, "address_malformed", f"sends on to what is no address: {error}") from None
