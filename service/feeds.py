"""Fetches a GBFS feed over HTTP into a folder: autodiscovery, time limits, size limits, every failure told at once."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding, Severity
from optimiser.basics.findings import Findings

MAX_FILE_BYTES = 50_000_000
TIMEOUT = httpx.Timeout(20.0, connect=10.0)
MAX_FETCH_S = 120.0
"""For one file: a server that sends a byte now and then never runs into the time limits above."""
NEEDED = ("station_information", "station_status")
OPTIONAL = ("system_information", "vehicle_types", "vehicle_status", "free_bike_status")


class FeedUnavailable(InvalidInput):
    """A file of a feed cannot be had now; `retry_after` is what the server says about later, as it says it."""

    def __init__(self, finding: Finding, *, retry_after: str = "") -> None:
        super().__init__("GBFS feed", findings=(finding,))
        self.retry_after = retry_after


def is_url(text: str) -> bool:
    """Whether an argument is meant as an address rather than a folder."""
    return "://" in text


def fetch_gbfs(url: str, folder: Path, *, language: str = "en", transport: httpx.BaseTransport | None = None) -> None:
    """
    Fetch the files of a feed, named as GBFS names them, into `folder`.

    Parameters
    ----------
    url
        Of the feed's `gbfs.json`; 1.x and 2.x list files by language, 3.0 does not.
    transport
        For tests that serve a feed themselves.

    Raises
    ------
    InvalidInput
        Every file that could not be fetched, with its address and the reason.
    """
    findings = Findings()
    with feed_client(transport) as client:
        listed = discover(client, url, language=language)
        for name in NEEDED:
            if name not in listed:
                findings.error(
                    "feed_incomplete",
                    f"lists no {name}",
                    source=url,
                    value=sorted(listed),
                    hint="a feed of stations; feeds of free-floating bikes alone cannot be planned yet",
                )
        for name in (*NEEDED, *OPTIONAL):
            if name in listed:
                try:
                    (folder / f"{name}.json").write_bytes(get_file(client, listed[name]))
                except FeedUnavailable as error:
                    findings.extend(error.findings)
    findings.raise_errors("GBFS feed")


def feed_client(transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """A client that feeds know us by; to be closed."""
    agent = {"User-Agent": "evenfleet", "Accept": "application/json"}
    return httpx.Client(timeout=TIMEOUT, follow_redirects=True, headers=agent, transport=transport)


def discover(client: httpx.Client, url: str, *, language: str = "en") -> dict[str, str]:
    """
    Names and addresses of a feed's files, from its `gbfs.json`.

    Raises
    ------
    InvalidInput
        When it cannot be fetched (then a `FeedUnavailable`), or is no such list.
    """
    content = get_file(client, url)
    findings = Findings()
    try:
        data: Any = json.loads(content).get("data")
    except (ValueError, AttributeError, RecursionError):
        data = None
    if isinstance(data, Mapping) and "feeds" not in data:
        languages = [part for part in data.values() if isinstance(part, Mapping) and "feeds" in part]
        data = data.get(language) or (languages[0] if languages else None)
    feeds = data.get("feeds") if isinstance(data, Mapping) else None
    if not isinstance(feeds, list):
        hint = "the address that ends in gbfs.json"
        findings.error("not_gbfs", "is not the gbfs.json of a feed", source=url, hint=hint)
        findings.raise_errors("GBFS feed")
        return {}
    return {
        feed["name"].removesuffix(".json"): _absolute(url, feed["url"])
        for feed in feeds
        if isinstance(feed, Mapping) and isinstance(feed.get("name"), str) and isinstance(feed.get("url"), str)
    }


def get_file(client: httpx.Client, url: str) -> bytes:
    """
    The content of an address.

    Raises
    ------
    FeedUnavailable
        With the address and the reason.
    """
    try:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise unavailable("address_scheme", "is not an http or https address", url, hint="https://…/gbfs.json")
        with client.stream("GET", url) as response:
            response.raise_for_status()
            return _whole(response, url)
    except FeedUnavailable:
        raise
    except httpx.HTTPStatusError as error:
        status, later = error.response.status_code, error.response.headers.get("Retry-After", "")
        hint = f"it asks to come back later: {later}" if later else "check the address"
        raise unavailable("fetch_failed", f"answers {status}", url, hint=hint, value=status, later=later) from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise unavailable("fetch_failed", f"cannot be fetched: {error or type(error).__name__}", url) from None


def _whole(response: httpx.Response, url: str) -> bytes:
    content, begun_s = bytearray(), time.monotonic()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MAX_FILE_BYTES:
            raise unavailable("file_too_large", "is larger than 50 MB", url, value=len(content))
        if time.monotonic() - begun_s > MAX_FETCH_S:
            raise unavailable("fetch_failed", f"takes longer than {MAX_FETCH_S:g} s", url, value=len(content))
    return bytes(content)


def unavailable(
    code: str, message: str, url: str, *, hint: str = "", value: Any = None, later: str = ""
) -> FeedUnavailable:
    """What is wrong with the file at an address."""
    finding = Finding(
        code=code,
        severity=Severity.ERROR,
        source=url,
        where="",
        value=url if value is None else value,
        message=message,
        hint=hint,
    )
    return FeedUnavailable(finding, retry_after=later)


def _absolute(base: str, url: str) -> str:
    """The address as seen from `base`; one that cannot be read stays as it is, and fetching it tells why."""
    try:
        return urljoin(base, url)
    except ValueError:
        return url
