"""Fetches a GBFS feed over HTTP into a folder: autodiscovery, time limits, size limits, every failure told at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from optimiser.basics.findings import Findings

MAX_FILE_BYTES = 50_000_000
TIMEOUT = httpx.Timeout(20.0, connect=10.0)
NEEDED = ("station_information", "station_status")
OPTIONAL = ("system_information", "vehicle_types", "vehicle_status", "free_bike_status")


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
    agent = {"User-Agent": "evenfleet", "Accept": "application/json"}
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True, headers=agent, transport=transport) as client:
        listed = _discover(client, url, language, findings)
        findings.raise_errors("GBFS feed")
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
                content = _get(client, urljoin(url, listed[name]), findings)
                if content is not None:
                    (folder / f"{name}.json").write_bytes(content)
    findings.raise_errors("GBFS feed")


def _discover(client: httpx.Client, url: str, language: str, findings: Findings) -> dict[str, str]:
    """File names and addresses from `gbfs.json`."""
    content = _get(client, url, findings)
    if content is None:
        return {}
    try:
        data: Any = json.loads(content).get("data")
    except (ValueError, AttributeError, RecursionError):
        data = None
    if isinstance(data, Mapping) and "feeds" not in data:
        languages = [part for part in data.values() if isinstance(part, Mapping) and "feeds" in part]
        data = data.get(language) or (languages[0] if languages else None)
    feeds = data.get("feeds") if isinstance(data, Mapping) else None
    if not isinstance(feeds, list):
        findings.error(
            "not_gbfs", "is not the gbfs.json of a feed", source=url, hint="the address that ends in gbfs.json"
        )
        return {}
    return {
        feed["name"].removesuffix(".json"): feed["url"]
        for feed in feeds
        if isinstance(feed, Mapping) and isinstance(feed.get("name"), str) and isinstance(feed.get("url"), str)
    }


def _get(client: httpx.Client, url: str, findings: Findings) -> bytes | None:
    """The content of an address, or None with the reason in `findings`."""
    if urlsplit(url).scheme not in {"http", "https"}:
        findings.error(
            "address_scheme", "is not an http or https address", source=url, value=url, hint="https://…/gbfs.json"
        )
        return None
    content = bytearray()
    try:
        with client.stream("GET", url) as response:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_FILE_BYTES:
                    findings.error("file_too_large", "is larger than 50 MB", source=url, value=len(content))
                    return None
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        findings.error("fetch_failed", f"answers {status}", source=url, value=status, hint="check the address")
        return None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        findings.error("fetch_failed", f"cannot be fetched: {error or type(error).__name__}", source=url, value=url)
        return None
    return bytes(content)
