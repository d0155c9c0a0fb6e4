"""Fetches a GBFS feed over HTTP into a folder: autodiscovery, time limits, size limits, every failure told at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding, Severity
from optimiser.basics.findings import Findings
from service.outward.allowed import Allowed
from service.outward.connector import Connector
from service.outward.errors import Unreachable

MAX_FILE_BYTES = 50_000_000
MAX_LIST_BYTES = 1_000_000
"""Of a `gbfs.json`, which is read where it is fetched."""
MAX_FETCH_S = 120.0
"""For one file, where the user waits for it; lines of people at home are slow."""
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


def fetch_gbfs(url: str, folder: Path, connector: Connector, *, language: str = "en") -> None:
    """
    Fetch the files of a feed, named as GBFS names them, into `folder`.

    Parameters
    ----------
    url
        Of the feed's `gbfs.json`; 1.x and 2.x list files by language, 3.0 does not.
    connector
        Says where files may be: a listing can name any address.

    Raises
    ------
    InvalidInput
        Every file that could not be fetched, with its address and the reason.
    """
    findings = Findings()
    listed = discover(connector, url, language=language)
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
                (folder / f"{name}.json").write_bytes(get_file(connector, listed[name]))
            except FeedUnavailable as error:
                findings.extend(error.findings)
    findings.raise_errors("GBFS feed")


def users_connector(url: str, allow_hosts: str = "") -> Connector:
    """
    For an address that the user of the command line has given: its host is allowed, whatever it is.

    Other hosts, which a listing names or a redirect leads to, have to be public or in `allow_hosts`.
    """
    allowed = Allowed.read(allow_hosts).also(url)
    return Connector(allowed=allowed, total_s=MAX_FETCH_S, max_bytes=MAX_FILE_BYTES)


def discover(connector: Connector, url: str, *, language: str = "en") -> dict[str, str]:
    """
    Names and addresses of a feed's files, from its `gbfs.json`.

    Raises
    ------
    InvalidInput
        When it cannot be fetched (then a `FeedUnavailable`), or is no such list.
    """
    content = get_file(replace(connector, max_bytes=min(connector.max_bytes, MAX_LIST_BYTES)), url)
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


def get_file(connector: Connector, url: str) -> bytes:
    """
    The content of an address.

    Raises
    ------
    FeedUnavailable
        With the address and the reason.
    """
    try:
        answer = connector.get(url, accept="application/json")
    except Unreachable as error:
        raise FeedUnavailable(error.finding) from None
    if not answer.is_ok:
        later = answer.headers.get("retry-after", "")
        hint = f"it asks to come back later: {later}" if later else "check the address"
        message = f"answers {answer.status}"
        raise unavailable("fetch_failed", message, url, hint=hint, value=answer.status, later=later)
    return answer.content


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
