"""Measures JSON before anything is built from it, and reads it so that nothing in it is lost in silence."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np

from optimiser.basics.findings import Findings
from scenarios.feed import line_of, named

_DEPTH, _VALUE, _QUOTE = np.zeros(256, np.int8), np.zeros(256, np.uint8), np.zeros(256, np.uint8)
_DEPTH[[ord("["), ord("{")]], _DEPTH[[ord("]"), ord("}")]] = 1, -1
# Every value but the first of a list or an object follows a comma.
_VALUE[[ord("["), ord("{"), ord(",")]] = 1
_QUOTE[ord('"')] = 1

MAX_DEPTH = 64
"""Of lists and objects inside each other."""
MAX_VALUES = 8_000_000
"""More than a table of 50 MB holds; each takes memory."""


def measure(body: bytes) -> tuple[int, int]:
    """How deep lists and objects of a text lie inside each other, and how many values it has at most."""
    signs = np.frombuffer(body.replace(rb"\\", b"__").replace(rb"\"", b"__"), np.uint8)
    outside = signs[np.bitwise_xor.accumulate(_QUOTE[signs]) == 0]
    depth = int(np.cumsum(_DEPTH[outside], dtype=np.int32).max(initial=0))
    return depth, 1 + int(np.count_nonzero(_VALUE[outside]))


def read_all(text: str) -> tuple[Any, Counter[str]]:
    """
    The document, and the names that some object says more than once, each with how many times; the last counts.

    Raises ValueError and RecursionError as `json.loads` does.
    """
    twice: Counter[str] = Counter()

    def read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            twice.update({name: count for name, count in counts.items() if count > 1})
        return made

    return json.loads(text, object_pairs_hook=read_object), twice


def parse_json(content: bytes, findings: Findings, *, source: str, hint: str = "the file as the feed serves it") -> Any:
    """The document in `content`; None with the reason in `findings` when it cannot be read."""
    if not content.strip():
        findings.error("file_empty", "is empty", source=source, hint=hint)
        return None
    depth, values = measure(content)
    if depth > MAX_DEPTH or values > MAX_VALUES:
        text = f"is nested {depth} deep" if depth > MAX_DEPTH else f"holds {values:,} values"
        limits = f"at most {MAX_DEPTH} deep and {MAX_VALUES:,} values"
        findings.error("not_json", text, source=source, value=max(depth, values), hint=limits)
        return None
    try:
        document, twice = read_all(content.decode("utf-8-sig"))
        if document is None:
            findings.error("not_an_object", "is null", source=source, hint=hint)
        if twice:
            names = named(list(twice), most=20)
            text = f"says names more than once in one object; the last counts: {names}"
            findings.warning("name_twice", text, source=source, value=twice.total(), hint="each name once")
        return document
    except UnicodeDecodeError as error:
        text, where = f"is not UTF-8 at byte {error.start}", f"line {line_of(error)}"
        findings.error("not_utf8", text, source=source, where=where, hint="JSON is UTF-8")
    except json.JSONDecodeError as error:
        findings.error(
            "not_json",
            f"is not JSON: {error.msg}",
            source=source,
            where=f"line {error.lineno}, column {error.colno}",
            hint=hint,
        )
    except ValueError as error:
        # A number of thousands of digits.
        findings.error("not_json", f"cannot be read: {error}", source=source, hint=hint)
    return None
