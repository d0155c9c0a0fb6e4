"""
Cells of a column as numbers: every distinct text is read once and looked up for all its rows.

Read values are whole numbers; what cannot be read is a `Problem`, which is a number below -1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from optimiser.demand.history import UNKNOWN
from scenarios.history.problems import MOST_BIKES, Problem

_YES = frozenset({"1", "true", "t", "yes", "y"})
_NO = frozenset({"0", "false", "f", "no", "n"})
_MEMORY = 1_000_000
"""Distinct texts remembered from one batch to the next."""


def texts_of(array: Any) -> tuple[list[str], NDArray[np.int64]]:
    """Distinct texts of a column of any type, and for each row which of them it holds; empty where there is none."""
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    texts = [text_of(value) for value in array.dictionary.to_pylist()]
    codes = array.indices.fill_null(len(texts)) if array.null_count else array.indices
    return [*texts, ""], codes.to_numpy(zero_copy_only=False).astype(np.int64, copy=False)


def text_of(value: Any) -> str:
    """A cell as text: whole numbers without decimals, nothing as an empty text."""
    if isinstance(value, bool):
        return str(int(value))
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


class Reader:
    """Looks up what a text means, and remembers it."""

    def __init__(self, meaning: Callable[[str], int]) -> None:
        self.meaning = meaning
        self.known: dict[str, int] = {}

    def read(self, array: Any) -> NDArray[np.int64]:
        """What each row of a column means."""
        texts, codes = texts_of(array)
        if len(self.known) > _MEMORY:
            self.known.clear()
        for text in texts:
            if text not in self.known:
                self.known[text] = self.meaning(text)
        return np.array([self.known[text] for text in texts], dtype=np.int64)[codes]


def count(text: str) -> int:
    """A count that must be known."""
    try:
        number = float(text)
        if not number.is_integer() or "_" in text:
            return Problem.COUNT_UNREADABLE
    except (ValueError, OverflowError):
        return Problem.COUNT_UNREADABLE
    if number < 0:
        return Problem.COUNT_NEGATIVE
    return int(number) if number <= MOST_BIKES else Problem.COUNT_TOO_LARGE


def count_if_known(text: str) -> int:
    """A count that may be unknown: empty, -1, or a word for nothing."""
    if text.casefold() in {"", "-1", "-1.0", "null", "none", "nan", "na"}:
        return UNKNOWN
    return count(text)


def flag(text: str) -> int:
    """1 or 0; -1 where nothing is told."""
    word = text.casefold().removesuffix(".0")
    if word in _YES:
        return 1
    if word in _NO:
        return 0
    return UNKNOWN if word in {"", "null", "none", "nan", "na", "-1"} else Problem.FLAG_UNREADABLE
