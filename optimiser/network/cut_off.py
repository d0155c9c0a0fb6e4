"""Which places to leave out where not every place reaches every other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable

from optimiser.network.travel import TravelTimes


def cut_off(times: TravelTimes, keep: Container[str]) -> list[str]:
    """Places to leave out so that every pair left is reachable; those with most broken pairs first, `keep` last."""
    return cut_off_pairs(times.unreachable, keep)


def cut_off_pairs(pairs: Iterable[tuple[str, str]], keep: Container[str]) -> list[str]:
    """The same of broken pairs alone."""
    broken = list(pairs)
    out: list[str] = []
    while broken:
        count = Counter(id_ for pair in broken for id_ in pair)
        # What cannot be left out is given up last.
        worst = max(count, key=lambda id_: (id_ not in keep, count[id_], id_))
        out.append(worst)
        broken = [pair for pair in broken if worst not in pair]
    return out
