"""Steps on prices until they bring the bound down no further."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from optimiser.siting.bound.relaxation import Relaxation

SETTLED = 0.1
"""Length of a step at which prices have settled: floors are then rewarded, and once more, what is built lately tells
which floors whole builds do not keep."""
SHORTEST = 0.0005
"""Of a step; shorter ones hardly change the bound any more."""


def settle(
    relaxation: Relaxation,
    *,
    known: Callable[[], float],
    is_over: Callable[[], bool],
    tell: Callable[[float], None],
    steps: int | None = None,
) -> None:
    """
    Step until the bound hardly falls, or so many steps, all of them; each bound is told.

    Floors that can hardly be kept raise their rewards so far that no other price settles; so they come later.
    """
    relaxation.find_money_prices()
    is_rounded = False
    for _ in itertools.count() if steps is None else range(steps):
        if not relaxation.asks_floors:
            if relaxation.pace < SETTLED:
                relaxation.ask_floors()
        elif not is_rounded and relaxation.pace < SETTLED:
            is_rounded = True
            relaxation.round_floors()
        if is_over() or relaxation.pace < SHORTEST:
            break
        relaxation.step(relaxation.relax(), known())
        tell(relaxation.bound)
