"""What a problem may ask of its parts."""

from __future__ import annotations

import math
from collections.abc import Iterable

from optimiser.basics.errors import InvalidProblem


def require_distinct(what: str, ids: Iterable[str]) -> None:
    """Raise InvalidProblem with every id that appears more than once."""
    seen: set[str] = set()
    twice: set[str] = set()
    for id_ in ids:
        (twice if id_ in seen else seen).add(id_)
    if twice:
        raise InvalidProblem(f"{what} ids appear more than once: {', '.join(sorted(twice))}")


def require_amounts(what: str, **amounts: float) -> None:
    """Raise InvalidProblem for the first amount that is not finite or is below 0."""
    for name, amount in amounts.items():
        if not (math.isfinite(amount) and amount >= 0):
            raise InvalidProblem(f"{what}: {name.replace('_', ' ')} is {amount}, must be finite and at least 0")
