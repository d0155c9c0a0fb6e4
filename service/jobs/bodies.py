"""Looks into the body of a submission before anything is built from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from optimiser.basics.findings import Findings
from service.problems import malformed


def read_json(body: bytes) -> Any:
    """What the body says; raises MalformedBody where it is not JSON."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not a JSON number")

    try:
        return json.loads(body, parse_constant=refuse)
    except RecursionError:
        raise malformed("it is nested too deeply") from None
    except ValueError as error:
        raise malformed(str(error)) from None


def excess(findings: Findings, name: str, where: str, value: float, limit: float) -> None:
    """Note that something is over a stated limit."""
    findings.error(
        "limit_exceeded",
        f"{value:g} is over the limit {name} of {limit:g}",
        source="request",
        where=where,
        value=value,
        hint=f"at most {limit:g}; all limits are at /v1/limits",
    )


def part(document: Any, key: str) -> Any:
    """A part of the document; None where it is not there, or the document is no object."""
    return document.get(key) if isinstance(document, Mapping) else None
