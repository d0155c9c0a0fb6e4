"""Stations of a history's rows as positions in the city's list, by id or by name; unknown ones counted by id."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.demand.history import UNKNOWN
from scenarios.history.cells import Reader

_DECIMALS = re.compile(r"\d+\.\d*")


class StationIndex:
    """
    Finds stations and remembers which ids nobody knows.

    A text becomes the station's position in the city, -1 where it is empty, and for an unknown id the count of
    stations plus a number of its own.
    """

    def __init__(self, ids: Sequence[str], names: Sequence[str]) -> None:
        self.count = len(ids)
        self.unknown: dict[str, int] = {}
        self.unknown_rows: Counter[int] = Counter()
        self._by_id = {id_.strip(): place for place, id_ in enumerate(ids)}
        self._by_number = _once([number(id_.strip()) for id_ in ids])
        self._by_name = _once([_plain(name) for name in names])
        self._ids, self._names = Reader(self._of_id), Reader(self._of_name)

    def by_id(self, array: Any) -> NDArray[np.int64]:
        """Stations of a column of ids."""
        return self._ids.read(array)

    def by_name(self, array: Any) -> NDArray[np.int64]:
        """Stations of a column of names."""
        return self._names.read(array)

    def known(self, stations: NDArray[np.int64], *, rows: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Unknown ids as -1, having counted their rows (all, or those chosen)."""
        strange = stations >= self.count
        counted = stations[strange if rows is None else strange & rows]
        for code, times in zip(*np.unique(counted, return_counts=True), strict=True):
            self.unknown_rows[int(code)] += int(times)
        return np.where(strange, UNKNOWN, stations)

    @property
    def rows_by_unknown_id(self) -> dict[str, int]:
        """Rows of each unknown id, the most first."""
        rows = {id_: self.unknown_rows[code] for id_, code in self.unknown.items() if self.unknown_rows[code]}
        return dict(sorted(rows.items(), key=lambda item: (-item[1], item[0])))

    def _of_id(self, text: str) -> int:
        if not text:
            return UNKNOWN
        found = self._by_id.get(text, self._by_number.get(number(text)))
        return self._strange(text) if found is None else found

    def _of_name(self, text: str) -> int:
        if not text:
            return UNKNOWN
        # Some columns named after stations hold their ids.
        found = self._by_name.get(_plain(text), self._by_id.get(text, self._by_number.get(number(text))))
        return self._strange(text) if found is None else found

    def _strange(self, text: str) -> int:
        return self.unknown.setdefault(number(text), self.count + len(self.unknown))


def number(text: str) -> str:
    """An id without idle decimals: 72.0 and 72 are one station."""
    return text.rstrip("0").rstrip(".") if _DECIMALS.fullmatch(text) else text


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _once(names: Sequence[str]) -> dict[str, int]:
    """Positions of those that stand for one station only."""
    times = Counter(names)
    return {name: place for place, name in enumerate(names) if name and times[name] == 1}
