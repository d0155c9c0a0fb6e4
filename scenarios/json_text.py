"""Measures JSON before anything is built from it, and reads it so that nothing in it is lost in silence."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np

_DEPTH, _VALUE, _QUOTE = np.zeros(256, np.int8), np.zeros(256, np.uint8), np.zeros(256, np.uint8)
_DEPTH[[ord("["), ord("{")]], _DEPTH[[ord("]"), ord("}")]] = 1, -1
# Every value but the first of a list or an object follows a comma.
_VALUE[[ord("["), ord("{"), ord(",")]] = 1
_QUOTE[ord('"')] = 1


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
